import { Link } from "@tanstack/react-router";
import type { UsedBy } from "../../api/audience-wire.ts";
import { t } from "../../i18n/t.ts";

const PAGES = {
  offer: "/offers/$id",
  placement: "/placements/$id",
  audience: "/audiences/$id",
  feature: "/features/$id",
  webhook: "/webhooks/$id",
} as const;

export function UsedByLink({ used }: { used: UsedBy }) {
  const to = PAGES[used.kind as keyof typeof PAGES];
  const name = used.name || used.id;
  if (!to) return <span className="k-ellipsis">{name}</span>;
  return (
    <Link to={to} params={{ id: used.id }} className="k-ellipsis" title={name}>
      {name}
    </Link>
  );
}

/** The first of them as links, and how many more there are. */
export function UsedByLinks({ usedBy, most }: { usedBy: UsedBy[]; most: number }) {
  if (usedBy.length === 0) return <span className="k-small k-muted">{t("audiences.unused")}</span>;
  return (
    <span className="k-row k-small">
      {usedBy.slice(0, most).map((used) => (
        <UsedByLink key={`${used.kind}/${used.id}`} used={used} />
      ))}
      {usedBy.length > most && (
        <span
          className="k-tiny k-muted"
          title={usedBy
            .slice(most)
            .map(({ name, id }) => name || id)
            .join(", ")}
        >
          {t("audiences.more", { count: usedBy.length - most })}
        </span>
      )}
    </span>
  );
}
