import { ActionIcon, Drawer } from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import { Outlet, useLocation } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { Icon } from "../icons/Icon.tsx";
import { Mark } from "../icons/Mark.tsx";
import { t } from "../i18n/t.ts";
import { Account } from "./Account.tsx";
import css from "./Frame.module.css";
import { Nav } from "./Nav.tsx";
import { Palette } from "./Palette.tsx";

/** Everything around a page: navigation, search, account. */
export function Frame() {
  const [palette, openPalette] = useDisclosure(false);
  const [menu, openMenu] = useDisclosure(false);
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  useHotkeys([["mod+K", openPalette.toggle]], []);

  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    openMenu.close();
    // A new page was asked for: reading and tabbing go on from its beginning.
    main.current?.focus({ preventScroll: true });
  }, [pathname, openMenu]);

  return (
    <div className={css.frame}>
      <a className={css.skip} href="#main">
        {t("frame.skip")}
      </a>
      <section className={css.topbar} aria-label={t("frame.product")}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          onClick={openMenu.open}
          aria-label={t("frame.openMenu")}
        >
          <Icon name="menu" />
        </ActionIcon>
        <Mark size={24} />
        <span className={css.wordmark}>{t("frame.product")}</span>
        <span className="k-grow" />
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          onClick={openPalette.open}
          aria-label={t("frame.searchEverything")}
        >
          <Icon name="search" />
        </ActionIcon>
      </section>
      <aside className={css.side} aria-label={t("frame.product")}>
        <div className={css.brand}>
          <Mark size={26} />
          <span className={css.wordmark}>{t("frame.product")}</span>
        </div>
        <button type="button" className={css.search} onClick={openPalette.open}>
          <Icon name="search" size={16} />
          <span className="k-grow">{t("frame.search")}</span>
          <kbd className={css.kbd}>Ctrl K</kbd>
        </button>
        <Nav label={t("frame.navigation")} />
        <Account />
      </aside>
      <Drawer
        opened={menu}
        onClose={openMenu.close}
        position="left"
        size={280}
        title={t("frame.product")}
        closeButtonProps={{ "aria-label": t("parts.close") }}
      >
        <Nav label={t("frame.navigation")} />
        <Account />
      </Drawer>
      <main id="main" ref={main} tabIndex={-1} className={css.main}>
        <Outlet />
      </main>
      <Palette opened={palette} onClose={openPalette.close} />
    </div>
  );
}
