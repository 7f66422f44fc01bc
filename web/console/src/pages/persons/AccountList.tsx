import type { Person } from "../../api/types.ts";
import { humanise } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Card } from "../../parts/Card.tsx";
import { When } from "../../parts/When.tsx";
import css from "./Sidebar.module.css";

const TRAITS_MAX = 6;

/** The accounts a person belongs to, with what is known of them; nothing for whoever has none. */
export function AccountList({ accounts }: { accounts: Person["accounts"] }) {
  if (accounts.length === 0) return null;
  return (
    <Card title={t("persons.accounts")}>
      <ul className={css.accounts}>
        {accounts.map(({ account_id: id, named_at: at, person_count: count, traits }) => (
          <li key={id}>
            <div className="k-spread">
              <span className="k-ellipsis" title={id}>
                {typeof traits.name === "string" ? traits.name : id}
              </span>
              <span className="k-tiny k-muted">
                <When at={at} />
              </span>
            </div>
            <p className="k-tiny k-muted">{t("persons.accountPersons", { count })}</p>
            <dl className={css.traits}>
              {Object.entries(traits)
                .filter(([name]) => name !== "name")
                .slice(0, TRAITS_MAX)
                .map(([name, value]) => (
                  <div key={name} className="k-spread">
                    <dt className="k-muted">{humanise(name)}</dt>
                    <dd className="k-ellipsis">
                      {typeof value === "object" ? JSON.stringify(value) : String(value)}
                    </dd>
                  </div>
                ))}
            </dl>
          </li>
        ))}
      </ul>
    </Card>
  );
}
