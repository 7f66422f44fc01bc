import { getRouteApi, Link } from "@tanstack/react-router";
import type { Definition, OfferSpec } from "../../api/types.ts";
import { formatDateTime, formatInteger } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Badge, Dot } from "../../parts/Badge.tsx";
import type { Column } from "../../parts/VirtualTable.tsx";
import { useNow, When } from "../../parts/When.tsx";
import { DefinitionList } from "./DefinitionList.tsx";
import { NameCell } from "./NameCell.tsx";
import { scheduleOf } from "./schedule.ts";

const route = getRouteApi("/app/offers");

export function Offers() {
  const { q = "" } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <DefinitionList
      kind="offer"
      words="offers"
      icon="offer"
      text={q}
      onText={(text) => navigate({ search: { q: text || undefined }, replace: true })}
      columns={COLUMNS}
      control={(definition, props) => (
        <Link to="/offers/$id" params={{ id: definition.id }} {...props} />
      )}
    />
  );
}

const COLUMNS: Column<Definition<OfferSpec>>[] = [
  {
    id: "name",
    header: t("definitions.offers.column.name"),
    width: "minmax(190px, 1.6fr)",
    render: (definition) => <NameCell definition={definition} />,
  },
  {
    id: "placements",
    header: t("definitions.offers.column.placements"),
    width: "minmax(120px, 1fr)",
    wideOnly: true,
    render: ({ spec }) => (
      <span className="k-row">
        {spec.placements.slice(0, 2).map((placement) => (
          <Badge key={placement}>{placement}</Badge>
        ))}
        {spec.placements.length > 2 && (
          <span className="k-tiny k-muted">+{spec.placements.length - 2}</span>
        )}
      </span>
    ),
  },
  {
    id: "when",
    header: t("definitions.offers.column.when"),
    width: "minmax(140px, 2fr)",
    wideOnly: true,
    render: ({ spec }) =>
      spec.when ? (
        <code className="k-soft">{spec.when}</code>
      ) : (
        <span className="k-muted">{t("definitions.offers.everybody")}</span>
      ),
  },
  {
    id: "schedule",
    header: t("definitions.offers.column.schedule"),
    width: "minmax(110px, 1.1fr)",
    wideOnly: true,
    render: ({ spec }) => <ScheduleCell spec={spec} />,
  },
  {
    id: "priority",
    header: t("definitions.offers.column.priority"),
    width: "64px",
    align: "end",
    render: ({ spec }) => formatInteger(spec.priority),
  },
  {
    id: "updated",
    header: t("definitions.offers.column.updated"),
    width: "100px",
    align: "end",
    wideOnly: true,
    render: (definition) => <When at={definition.updated_at} />,
  },
];

function ScheduleCell({ spec }: { spec: OfferSpec }) {
  const schedule = scheduleOf(spec, useNow());
  const live = schedule.state === "always" || schedule.state === "running";
  const tone = live ? "good" : schedule.state === "scheduled" ? "warn" : "neutral";
  const words = {
    always: () => t("definitions.running"),
    running: (at: string) => t("definitions.until", { when: at }),
    scheduled: (at: string) => t("definitions.scheduled", { when: at }),
    ended: (at: string) => t("definitions.ended", { when: at }),
  };
  const at = "at" in schedule ? schedule.at : "until" in schedule ? schedule.until : "";
  return (
    <span className="k-row k-small k-soft">
      <Dot tone={tone} />
      <span className="k-ellipsis">{words[schedule.state](at && formatDateTime(at))}</span>
    </span>
  );
}
