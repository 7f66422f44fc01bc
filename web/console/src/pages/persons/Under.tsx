/** Whose data a profile holds when it is shown under a policy that counts probable links. */
import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { LinkPolicy } from "../../api/identity.ts";
import { personQuery } from "../../api/persons.ts";
import type { Person } from "../../api/types.ts";
import { t } from "../../i18n/t.ts";
import { Card } from "../../parts/Card.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { personTitle } from "../../parts/IdentifierTag.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import css from "./Probable.module.css";

const NAMES_MAX = 3;

interface UnderProps {
  policy: LinkPolicy;
  /** The profile under it, once it is read. */
  person: Person | undefined;
  error: unknown;
}

export function Under({ policy, person, error }: UnderProps) {
  if (error) return <Failure error={error} />;
  if (!person) return <Waiting lines={2} />;
  const others = person.linked_person_ids;
  const name = t(`identity.policy.${policy}`);
  return (
    <Card tone="accent">
      <div className={css.under} role="status">
        <div className="k-stack-tight k-grow">
          {others.length === 0 ? (
            <p>{t("identity.probable.alone", { policy: name })}</p>
          ) : (
            <>
              <p>
                {t("identity.probable.with", { policy: name, count: others.length })}{" "}
                <Names ids={others} />
              </p>
              <p className="k-small k-soft">{t("identity.probable.withNote")}</p>
            </>
          )}
        </div>
        <Link
          from="/profiles/$personId"
          to="."
          search={(before) => ({ ...before, as: undefined })}
          className="k-small"
          resetScroll={false}
        >
          {t("identity.probable.backToExact")}
        </Link>
      </div>
    </Card>
  );
}

function Names({ ids }: { ids: string[] }) {
  const named = ids.slice(0, NAMES_MAX);
  const found = useQueries({ queries: named.map((id) => personQuery(id)) });
  return (
    <>
      {named.map((personId, at) => {
        const data = found[at]?.data;
        return (
          <span key={personId}>
            {at > 0 && ", "}
            <Link
              to="/profiles/$personId"
              params={{ personId }}
              search={{ tab: "identity" }}
              className={css.named}
            >
              {data ? personTitle(data) : personId.slice(0, 8)}
            </Link>
          </span>
        );
      })}
      {ids.length > NAMES_MAX && (
        <> {t("identity.regroup.more", { count: ids.length - NAMES_MAX })}</>
      )}
    </>
  );
}
