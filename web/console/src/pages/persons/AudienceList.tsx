import { Button } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { Person } from "../../api/types.ts";
import { Icon } from "../../icons/Icon.tsx";
import { t } from "../../i18n/t.ts";
import { Card } from "../../parts/Card.tsx";
import { When } from "../../parts/When.tsx";
import { useKnown } from "../../rules/use-known.ts";
import css from "./Sidebar.module.css";

const route = getRouteApi("/app/profiles/$personId");

/** The audiences a person is in, since when, and the way to ask why. */
export function AudienceList({ person }: { person: Person }) {
  const { audiences } = person;
  const navigate = route.useNavigate();
  const known = useKnown();
  const first = audiences[0]?.audience_id ?? known.audiences[0]?.id;
  return (
    <Card title={t("persons.audiences")}>
      {audiences.length === 0 ? (
        <p className="k-muted k-small" style={{ marginBottom: 12 }}>
          {t("persons.audiencesEmpty")}
        </p>
      ) : (
        <ul className={css.audiences}>
          {audiences.map(({ audience_id: id, name, since }) => (
            <li key={id} className="k-spread">
              <Link to="/audiences/$id" params={{ id }} className="k-ellipsis">
                {name || id}
              </Link>
              <span className="k-tiny k-muted">
                <When at={since} />
              </span>
            </li>
          ))}
        </ul>
      )}
      <Button
        variant="default"
        size="xs"
        fullWidth
        leftSection={<Icon name="info" size={15} />}
        disabled={first === undefined}
        onClick={() =>
          navigate({
            search: (before) => ({ ...before, explain: first }),
            resetScroll: false,
          })
        }
      >
        {t("explain.open")}
      </Button>
    </Card>
  );
}
