import { Link } from "@tanstack/react-router";
import type { Overview } from "../../api/types.ts";
import { formatInteger } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Dot } from "../../parts/Badge.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Table } from "../../parts/Table.tsx";
import { When } from "../../parts/When.tsx";

export function SourceList({ sources }: { sources: Overview["sources"] }) {
  if (sources.length === 0) {
    return (
      <Empty
        icon="source"
        title={t("home.noSource")}
        action={<Link to="/install">{t("home.install")}</Link>}
        compact
      >
        {t("home.noSourceText")}
      </Empty>
    );
  }
  return (
    <Table
      label={t("home.sources")}
      headers={[t("home.source"), t("home.lastEvent"), t("home.lastHour")]}
      numeric={[2]}
    >
      {sources.map((source) => (
        <tr key={source.id}>
          <td>
            <span className="k-row">
              <Dot tone={source.events_last_hour > 0 ? "good" : "neutral"} />
              <Link to="/sources/$id" params={{ id: source.id }} className="k-ellipsis">
                {source.name || source.id}
              </Link>
            </span>
          </td>
          <td>
            <When at={source.last_event_at} />
          </td>
          <td data-numeric>{formatInteger(source.events_last_hour)}</td>
        </tr>
      ))}
    </Table>
  );
}
