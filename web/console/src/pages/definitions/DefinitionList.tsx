import { useInfiniteQuery } from "@tanstack/react-query";
import { definitionsQuery, type Specs } from "../../api/definitions.ts";
import type { Definition } from "../../api/types.ts";
import type { IconName } from "../../icons/paths.ts";
import { t } from "../../i18n/t.ts";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { LinkButton } from "../../parts/LinkButton.tsx";
import { Page } from "../../parts/Page.tsx";
import { SearchField } from "../../parts/SearchField.tsx";
import { type Column, type RowControl, VirtualTable } from "../../parts/VirtualTable.tsx";
import { Waiting } from "../../parts/Waiting.tsx";

type ListedKind = "offer" | "placement" | "recipe" | "feature";

interface DefinitionListProps<Kind extends ListedKind> {
  kind: Kind;
  words: "offers" | "placements" | "recipes" | "features";
  icon: IconName;
  text: string;
  onText: (text: string) => void;
  /** Stands before the button that makes a new one. */
  actions?: React.ReactNode;
  columns: Column<Definition<Specs[Kind]>>[];
  control: (definition: Definition<Specs[Kind]>, props: RowControl) => React.ReactNode;
}

export function DefinitionList<Kind extends ListedKind>(props: DefinitionListProps<Kind>) {
  const { kind, words, icon, text, onText, actions, columns, control } = props;
  const query = useInfiniteQuery(definitionsQuery(kind, text));
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  const create = (
    <LinkButton to={`/${words}/$id`} params={{ id: "new" }} icon="plus">
      {t(`definitions.${words}.create`)}
    </LinkButton>
  );
  return (
    <Page
      title={t(`definitions.${words}.title`)}
      lede={t(`definitions.${words}.lede`)}
      actions={
        <>
          {actions}
          {create}
        </>
      }
      fill
    >
      <SearchField
        label={t(`definitions.${words}.searchLabel`)}
        placeholder={t("definitions.searchPlaceholder")}
        value={text}
        onChange={onText}
      />
      {query.error && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Waiting lines={8} height={24} />}
      {query.data && rows.length === 0 && text && (
        <Empty icon="search" title={t("definitions.emptySearch", { text })}>
          {t("definitions.emptySearchText")}
        </Empty>
      )}
      {query.data && rows.length === 0 && !text && (
        <Empty icon={icon} title={t(`definitions.${words}.empty`)} action={create}>
          {t(`definitions.${words}.emptyText`)}
        </Empty>
      )}
      {rows.length > 0 && (
        <VirtualTable
          key={text}
          label={t(`definitions.${words}.tableLabel`)}
          columns={columns}
          rows={rows}
          rowKey={(definition) => definition.id}
          rowHeight={56}
          hasMore={query.hasNextPage}
          onMore={() => !query.isFetchingNextPage && void query.fetchNextPage()}
          control={control}
        />
      )}
    </Page>
  );
}
