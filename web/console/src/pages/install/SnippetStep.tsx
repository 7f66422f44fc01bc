import { Tabs } from "@mantine/core";
import type { SourceSpec } from "../../api/types.ts";
import { t } from "../../i18n/t.ts";
import { CopyLarge } from "../../parts/Copy.tsx";
import css from "./Install.module.css";
import { KEY_PLACEHOLDER, snippet, waysFor } from "./snippets.ts";

interface SnippetStepProps {
  type: SourceSpec["type"];
  writeKey: string | undefined;
  way: string | undefined;
  onWay: (way: string | undefined) => void;
}

export function SnippetStep({ type, writeKey, way, onWay }: SnippetStepProps) {
  const ways = waysFor(type);
  const chosen = ways.find((one) => one === way) ?? ways[0]!;
  return (
    <Tabs value={chosen} onChange={(value) => onWay(value ?? undefined)} keepMounted={false}>
      <Tabs.List>
        {ways.map((one) => (
          <Tabs.Tab key={one} value={one}>
            {t(`install.tabs.${one}`)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {ways.map((one) => {
        const text = snippet(one, location.origin, writeKey ?? KEY_PLACEHOLDER);
        const name = t(`install.tabs.${one}`);
        return (
          <Tabs.Panel key={one} value={one} pt={12}>
            <div className="k-stack">
              <p className="k-small k-soft">{t(`install.notes.${one}`)}</p>
              {!writeKey && <p className="k-small k-muted">{t("install.keyNeeded")}</p>}
              <div className={css.snippet}>
                <div className={css.snippetCopy}>
                  <CopyLarge text={text} label={t("install.copySnippet")} />
                </div>
                <pre tabIndex={0} role="group" aria-label={t("install.snippetLabel", { name })}>
                  <code>{text}</code>
                </pre>
              </div>
            </div>
          </Tabs.Panel>
        );
      })}
    </Tabs>
  );
}
