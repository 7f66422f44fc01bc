import type { JsonObject } from "../../api/types.ts";
import { t } from "../../i18n/t.ts";
import css from "./Hero.module.css";

/** How content with the usual fields looks on a page; the page's own template has the last word. */
export function Hero({ content }: { content: JsonObject }) {
  const image = textOf(content.image) ?? textOf(content.image_url);
  const text = textOf(content.text);
  const cta = textOf(content.cta);
  return (
    <div className={css.hero}>
      {image && <img src={image} alt="" className={css.image} key={image} />}
      <div className={css.body}>
        <p className={css.title}>
          {textOf(content.title) ?? (
            <span className={css.untitled}>{t("definitions.preview.untitled")}</span>
          )}
        </p>
        {text && <p className={css.text}>{text}</p>}
        {cta && <span className={css.cta}>{cta}</span>}
      </div>
    </div>
  );
}

function textOf(value: JsonObject[string] | undefined): string | undefined {
  return typeof value === "string" && value ? value : undefined;
}
