import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { definitionsQuery } from "../../api/definitions.ts";
import type { KithEvent } from "../../api/types.ts";
import { t } from "../../i18n/t.ts";
import { Failure } from "../../parts/Failure.tsx";
import { Page } from "../../parts/Page.tsx";
import { ChooseSource } from "./ChooseSource.tsx";
import { FirstEvent } from "./FirstEvent.tsx";
import { Hints } from "./Hints.tsx";
import css from "./Install.module.css";
import { KeyStep } from "./KeyStep.tsx";
import { SnippetStep } from "./SnippetStep.tsx";
import { Step } from "./Step.tsx";
import { isWriteKey } from "./snippets.ts";

const route = getRouteApi("/app/install");

export function Install() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(definitionsQuery("source"));
  const sources = query.data?.pages.flatMap((page) => page.items) ?? [];
  const source = sources.find((one) => one.id === search.source);
  // A key is shown once and stored nowhere: it lives as long as this page.
  const [keys, setKeys] = useState<Record<string, string>>({});
  const [first, setFirst] = useState<KithEvent | null>(null);
  const key = source && keys[source.id];
  const hasKey = key !== undefined && isWriteKey(key);

  return (
    <Page title={t("install.title")} lede={t("install.lede")}>
      {query.error && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      <div className={css.columns}>
        <ol className={css.steps}>
          <Step number={1} title={t("install.step1")} note={t("install.step1Text")} done={!!source}>
            <ChooseSource
              sources={sources}
              loading={query.isPending}
              chosen={source?.id ?? null}
              onChoose={(id) => {
                setFirst(null);
                void navigate({ search: { ...search, source: id }, replace: true });
              }}
            />
          </Step>
          <Step number={2} title={t("install.step2")} note={t("install.step2Text")} done={hasKey}>
            <KeyStep
              source={source}
              value={key}
              onChange={(value) => source && setKeys({ ...keys, [source.id]: value })}
            />
          </Step>
          <Step number={3} title={t("install.step3")}>
            <SnippetStep
              type={source?.spec.type ?? "web"}
              writeKey={hasKey ? key : undefined}
              way={search.tab}
              onWay={(tab) =>
                navigate({ search: { ...search, tab }, replace: true, resetScroll: false })
              }
            />
          </Step>
          <Step number={4} title={t("install.step4")} done={first !== null}>
            <FirstEvent
              key={source?.id}
              source={source}
              writeKey={hasKey ? key : undefined}
              first={first}
              onFirst={setFirst}
            />
          </Step>
        </ol>
        <Hints sourceId={source?.id} />
      </div>
    </Page>
  );
}
