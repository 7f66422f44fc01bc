import { Link } from "@tanstack/react-router";
import { Icon } from "../icons/Icon.tsx";
import { t } from "../i18n/t.ts";
import { SECTIONS } from "./destinations.ts";
import css from "./Nav.module.css";

export function Nav({ label }: { label: string }) {
  return (
    <nav className={css.nav} aria-label={label}>
      {SECTIONS.map((section) => (
        <div key={section.label}>
          <p className={css.heading}>{t(section.label)}</p>
          <ul>
            {section.pages.map((page) => (
              <li key={page.to}>
                <Link
                  to={page.to}
                  className={css.link}
                  activeOptions={{ exact: page.to === "/", includeSearch: false }}
                  activeProps={{ "aria-current": "page" }}
                >
                  <Icon name={page.icon} size={17} />
                  {t(page.label)}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}
