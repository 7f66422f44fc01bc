import { Link } from "@tanstack/react-router";
import { t } from "../../i18n/t.ts";
import { Card } from "../../parts/Card.tsx";
import css from "./Install.module.css";
import { cspLines } from "./snippets.ts";

export function Hints({ sourceId }: { sourceId: string | undefined }) {
  return (
    <aside aria-label={t("install.hints")}>
      <Card title={t("install.hints")}>
        <div className={css.hints}>
          <details open>
            <summary>{t("install.csp")}</summary>
            <p>{t("install.cspText")}</p>
            <pre className={css.csp}>{cspLines(location.origin)}</pre>
          </details>
          <details>
            <summary>{t("install.origins")}</summary>
            <p>{t("install.originsText")}</p>
            {sourceId && (
              <p>
                <Link to="/sources/$id" params={{ id: sourceId }}>
                  {t("install.editSource")}
                </Link>
              </p>
            )}
          </details>
          <details>
            <summary>{t("install.cookies")}</summary>
            <p>{t("install.cookiesText")}</p>
            <ol>
              <li>{t("install.cookie1")}</li>
              <li>{t("install.cookie2")}</li>
              <li>{t("install.cookie3")}</li>
            </ol>
          </details>
          <details>
            <summary>{t("install.blocker")}</summary>
            <p>{t("install.blockerText")}</p>
          </details>
        </div>
      </Card>
    </aside>
  );
}
