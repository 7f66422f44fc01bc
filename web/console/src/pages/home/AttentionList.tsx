import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Overview } from "../../api/types.ts";
import { Icon } from "../../icons/Icon.tsx";
import type { IconName } from "../../icons/paths.ts";
import { formatAgo } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Empty } from "../../parts/Empty.tsx";
import { useNow } from "../../parts/When.tsx";
import css from "./AttentionList.module.css";
import { type Attention, attentionOf } from "./attention.ts";

export function AttentionList({ overview }: { overview: Overview }) {
  const now = useNow();
  const found = attentionOf(overview, now);
  if (found.length === 0) {
    return (
      <Empty icon="check" title={t("home.allWell")} compact>
        {t("home.allWellText")}
      </Empty>
    );
  }
  return (
    <ul className={css.list}>
      {found.map((attention) => {
        const { icon, title, text, action } = wordsFor(attention, now);
        const urgent = attention.kind === "rejected" || attention.kind === "lag";
        const key = attention.kind === "silent" ? attention.id : attention.kind;
        return (
          <li key={key} className={css.entry}>
            <span className={css.icon} data-urgent={urgent}>
              <Icon name={icon} size={16} />
            </span>
            <div className="k-grow">
              <p className={css.title}>{title}</p>
              <p className="k-small k-muted">{text}</p>
            </div>
            {action}
          </li>
        );
      })}
    </ul>
  );
}

interface Words {
  icon: IconName;
  title: string;
  text: string;
  action?: ReactNode;
}

function wordsFor(attention: Attention, now: number): Words {
  switch (attention.kind) {
    case "rejected":
      return {
        icon: "warning",
        title: t("home.rejectedOpen", { count: attention.count }),
        text: t("home.rejectedOpenText"),
        action: (
          <Link to="/events" search={{ tab: "rejected" }}>
            {t("home.seeRejected")}
          </Link>
        ),
      };
    case "lag":
      return {
        icon: "clock",
        title: t("home.lag", { count: attention.count }),
        text: t("home.lagText"),
      };
    case "no-source":
      return {
        icon: "source",
        title: t("home.noSource"),
        text: t("home.noSourceText"),
        action: <Link to="/install">{t("home.install")}</Link>,
      };
    case "silent":
      return silentWords(attention, now);
    case "no-items":
      return {
        icon: "catalog",
        title: t("home.noItems"),
        text: t("home.noItemsText"),
        action: <Link to="/catalog/import">{t("home.import")}</Link>,
      };
  }
}

function silentWords(silent: Extract<Attention, { kind: "silent" }>, now: number): Words {
  const { id, name, since } = silent;
  if (since === null) {
    return {
      icon: "source",
      title: t("home.silent", { name }),
      text: t("home.silentText"),
      action: (
        <Link to="/install" search={{ source: id }}>
          {t("home.finish")}
        </Link>
      ),
    };
  }
  return {
    icon: "source",
    title: t("home.silentSince", { name, when: formatAgo(since, now) }),
    text: t("home.silentSinceText"),
    action: (
      <Link to="/sources/$id" params={{ id }}>
        {t("home.open")}
      </Link>
    ),
  };
}
