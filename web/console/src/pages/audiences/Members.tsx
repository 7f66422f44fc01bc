import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Audience, Member } from "../../api/audience-wire.ts";
import { membersQuery } from "../../api/audiences.ts";
import { t } from "../../i18n/t.ts";
import { Avatar } from "../../parts/Avatar.tsx";
import { Card } from "../../parts/Card.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import {
  bestIdentifier,
  IdentifierTag,
  isVisitor,
  personTitle,
} from "../../parts/IdentifierTag.tsx";
import { type Column, VirtualTable } from "../../parts/VirtualTable.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { When } from "../../parts/When.tsx";
import css from "./Audience.module.css";
import { ExportMenu } from "./ExportMenu.tsx";

export function Members({ audience }: { audience: Audience }) {
  const query = useInfiniteQuery(membersQuery(audience.audience_id));
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card
      title={t("audiences.members")}
      note={t("audiences.membersNote")}
      actions={rows.length > 0 && <ExportMenu id={audience.audience_id} />}
      flush
    >
      {query.error && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Waiting lines={8} height={20} />}
      {query.data && rows.length === 0 && (
        <Empty icon="people" title={t("audiences.membersEmpty")} compact>
          {audience.type === "list"
            ? t("audiences.membersEmptyList")
            : t("audiences.membersEmptyRule")}
        </Empty>
      )}
      {rows.length > 0 && (
        <div className={css.table}>
          <VirtualTable
            label={t("audiences.membersLabel")}
            columns={COLUMNS}
            rows={rows}
            rowKey={(member) => member.person_id}
            rowHeight={48}
            hasMore={query.hasNextPage}
            onMore={() => !query.isFetchingNextPage && void query.fetchNextPage()}
            control={(member, props) => (
              <Link to="/profiles/$personId" params={{ personId: member.person_id }} {...props} />
            )}
          />
        </div>
      )}
    </Card>
  );
}

const COLUMNS: Column<Member>[] = [
  {
    id: "person",
    header: t("audiences.person"),
    width: "minmax(150px, 1.3fr)",
    render: (member) => (
      <span className={css.person}>
        <Avatar
          name={personTitle(member)}
          id={member.person_id}
          size={28}
          visitor={isVisitor(member.identifiers)}
        />
        <span className="k-ellipsis">{personTitle(member)}</span>
      </span>
    ),
  },
  {
    id: "identifier",
    header: t("audiences.identifiers"),
    width: "minmax(130px, 1.4fr)",
    wideOnly: true,
    render: ({ identifiers }) => {
      const best = bestIdentifier(identifiers);
      return best ? <IdentifierTag identifier={best} /> : "–";
    },
  },
  {
    id: "seen",
    header: t("audiences.lastSeen"),
    width: "96px",
    align: "end",
    wideOnly: true,
    render: (member) => <When at={member.last_seen_at} />,
  },
  {
    id: "since",
    header: t("audiences.since"),
    width: "96px",
    align: "end",
    render: (member) => <When at={member.since} />,
  },
];
