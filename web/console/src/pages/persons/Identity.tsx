import { Link } from "@tanstack/react-router";
import type { Link as IdentityLink, Person } from "../../api/types.ts";
import { Icon } from "../../icons/Icon.tsx";
import { formatInteger } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Badge } from "../../parts/Badge.tsx";
import { Card } from "../../parts/Card.tsx";
import { Copy } from "../../parts/Copy.tsx";
import { IdentifierTag } from "../../parts/IdentifierTag.tsx";
import { Table } from "../../parts/Table.tsx";
import { When } from "../../parts/When.tsx";
import css from "./Identity.module.css";

export function Identity({ person }: { person: Person }) {
  return (
    <>
      <Card title={t("persons.identifiersTitle")} note={t("persons.identifiersNote")} flush>
        <Table
          label={t("persons.identifiersTitle")}
          headers={[
            t("persons.namespace"),
            t("persons.value"),
            t("persons.eventCount"),
            t("persons.lastSeen"),
          ]}
          numeric={[2]}
        >
          {person.identifiers.map((identifier) => (
            <tr key={`${identifier.namespace}:${identifier.value}`}>
              <td>{identifier.namespace}</td>
              <td>
                <span className="k-row">
                  <code className="k-wrap">{identifier.value}</code>
                  <Copy
                    text={`${identifier.namespace}:${identifier.value}`}
                    label={t("parts.copy")}
                  />
                </span>
              </td>
              <td data-numeric>{formatInteger(identifier.event_count)}</td>
              <td>
                <When at={identifier.last_seen_at} />
              </td>
            </tr>
          ))}
        </Table>
      </Card>
      <Card title={t("persons.linksTitle")} note={t("persons.linksNote")} flush>
        {person.links.length === 0 ? (
          <p className={css.none}>{t("persons.noLinks")}</p>
        ) : (
          <ol>
            {person.links.map((link) => (
              <LinkEntry key={link.edge_id} link={link} />
            ))}
          </ol>
        )}
      </Card>
    </>
  );
}

function LinkEntry({ link }: { link: IdentityLink }) {
  const refused = link.state === "refused";
  return (
    <li className={css.link}>
      <span className={css.icon} data-refused={refused}>
        <Icon name={refused ? "unlink" : "link"} size={15} />
      </span>
      <div className="k-stack-tight k-grow">
        <div className="k-row-wrap">
          <IdentifierTag identifier={link.from} />
          <Icon name="arrow" size={14} />
          <IdentifierTag identifier={link.to} />
        </div>
        <p className="k-wrap">{link.reason}</p>
        <p className="k-row-wrap k-small k-muted">
          <Badge tone={refused ? "bad" : "good"}>
            {refused ? t("persons.linkRefused") : t("persons.linkActive")}
          </Badge>
          <span>
            {link.kind === "deterministic"
              ? t("persons.deterministic")
              : t("persons.probabilistic")}
          </span>
          <When at={link.linked_at} />
          {link.message_id && (
            <Link to="/events" search={{ open: link.message_id }}>
              {t("persons.openEvent")}
            </Link>
          )}
        </p>
      </div>
    </li>
  );
}
