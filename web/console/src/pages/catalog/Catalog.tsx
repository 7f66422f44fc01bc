import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { itemsQuery } from "../../api/catalog.ts";
import type { CatalogItem } from "../../api/types.ts";
import { Icon } from "../../icons/Icon.tsx";
import { formatMoney } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Badge, Dot } from "../../parts/Badge.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { LinkButton } from "../../parts/LinkButton.tsx";
import { Page } from "../../parts/Page.tsx";
import { SearchField } from "../../parts/SearchField.tsx";
import { Thumb } from "../../parts/Thumb.tsx";
import { type Column, VirtualTable } from "../../parts/VirtualTable.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { When } from "../../parts/When.tsx";
import css from "./Catalog.module.css";
import { ItemDrawer } from "./ItemDrawer.tsx";

const route = getRouteApi("/app/catalog");

export function Catalog() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { q = "", item, add } = search;
  const query = useInfiniteQuery(itemsQuery(q));
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  const open = (id: string) => navigate({ search: (now) => ({ ...now, item: id }) });
  return (
    <Page
      title={t("catalog.title")}
      lede={t("catalog.lede")}
      fill
      actions={
        <>
          <LinkButton to="/catalog/import" variant="default" icon="upload">
            {t("catalog.import")}
          </LinkButton>
          <Button
            leftSection={<Icon name="plus" size={16} />}
            onClick={() => navigate({ search: (now) => ({ ...now, add: "item" }) })}
          >
            {t("catalog.add")}
          </Button>
        </>
      }
    >
      <SearchField
        label={t("catalog.searchLabel")}
        placeholder={t("catalog.searchPlaceholder")}
        value={q}
        onChange={(text) =>
          navigate({ search: (now) => ({ ...now, q: text || undefined }), replace: true })
        }
      />
      {query.error && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Waiting lines={12} height={24} />}
      {query.data && rows.length === 0 && <Nothing text={q} />}
      {rows.length > 0 && (
        <VirtualTable
          key={q}
          label={t("catalog.tableLabel")}
          columns={COLUMNS}
          rows={rows}
          rowKey={(row) => row.item_id}
          rowHeight={56}
          selectedKey={item}
          hasMore={query.hasNextPage}
          onMore={() => !query.isFetchingNextPage && void query.fetchNextPage()}
          control={(row, props) => (
            <button type="button" {...props} onClick={() => open(row.item_id)} />
          )}
        />
      )}
      <ItemDrawer
        itemId={item}
        adding={add === "item"}
        onClose={() =>
          navigate({ search: (now) => ({ ...now, item: undefined, add: undefined }) })
        }
      />
    </Page>
  );
}

function Nothing({ text }: { text: string }) {
  if (text) {
    return (
      <Empty icon="search" title={t("catalog.emptySearch", { text })}>
        {t("catalog.emptySearchText")}
      </Empty>
    );
  }
  return (
    <Empty
      icon="catalog"
      title={t("catalog.empty")}
      action={<Link to="/catalog/import">{t("catalog.importTitle")}</Link>}
    >
      {t("catalog.emptyText")}
    </Empty>
  );
}

const COLUMNS: Column<CatalogItem>[] = [
  {
    id: "item",
    header: t("catalog.column.item"),
    width: "minmax(200px, 2.6fr)",
    render: (item) => (
      <span className={css.item}>
        <Thumb src={item.image_url} size={38} />
        <span className={css.names}>
          <span className={css.title}>{item.title}</span>
          <span className={css.id}>{item.item_id}</span>
        </span>
      </span>
    ),
  },
  {
    id: "categories",
    header: t("catalog.column.categories"),
    width: "minmax(110px, 1.2fr)",
    wideOnly: true,
    render: ({ categories }) => (
      <span className={css.categories}>
        {categories.slice(0, 3).map((category) => (
          <Badge key={category}>{category}</Badge>
        ))}
      </span>
    ),
  },
  {
    id: "brand",
    header: t("catalog.column.brand"),
    width: "minmax(80px, 0.9fr)",
    wideOnly: true,
    render: (item) => <span className="k-soft">{item.brand ?? "–"}</span>,
  },
  {
    id: "available",
    header: t("catalog.column.available"),
    width: "112px",
    wideOnly: true,
    render: (item) => (
      <span className="k-row k-soft">
        <Dot tone={item.available ? "good" : "neutral"} />
        {item.available ? t("catalog.available") : t("catalog.unavailable")}
      </span>
    ),
  },
  {
    id: "updated",
    header: t("catalog.column.updated"),
    width: "96px",
    align: "end",
    wideOnly: true,
    render: (item) => <When at={item.updated_at} />,
  },
  {
    id: "price",
    header: t("catalog.column.price"),
    width: "92px",
    align: "end",
    render: (item) => (item.price ? formatMoney(item.price, item.currency) : "–"),
  },
];
