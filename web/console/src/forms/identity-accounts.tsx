import { ActionIcon, Button, Switch, TagsInput, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { Icon } from "../icons/Icon.tsx";
import { t } from "../i18n/t.ts";
import { Card } from "../parts/Card.tsx";
import css from "./Identity.module.css";
import type { IdentityValues } from "./identity-values.ts";

const NETWORKS_MAX = 1_000;

/** To which account somebody belongs whom no event puts into one. */
export function AccountFields({ form }: { form: UseFormReturnType<IdentityValues> }) {
  const { networks } = form.values;
  function add() {
    const numbers = networks.map(({ key }) => Number(key.slice(1)));
    const key = `n${Math.max(-1, ...numbers) + 1}`;
    form.insertListItem("networks", { key, network: "", account: "" });
  }
  return (
    <Card title={t("identity.rules.accounts.title")} note={t("identity.rules.accounts.note")}>
      <div className="k-stack">
        <Switch
          label={t("identity.rules.accounts.byDomain")}
          description={t("identity.rules.accounts.byDomainHint")}
          {...form.getInputProps("accountsByDomain", { type: "checkbox" })}
        />
        {form.values.accountsByDomain && (
          <TagsInput
            label={t("identity.rules.accounts.providers")}
            description={t("identity.rules.accounts.providersHint")}
            {...form.getInputProps("mailProviders")}
          />
        )}
        <div className="k-stack-tight">
          <p className={css.label}>{t("identity.rules.accounts.networks")}</p>
          <p className="k-small k-muted">{t("identity.rules.accounts.networksHint")}</p>
          {form.errors.networks && (
            <p role="alert" className="k-small">
              {form.errors.networks}
            </p>
          )}
          <ul className="k-stack-tight">
            {networks.map(({ key, network }, at) => (
              <li key={key} className="k-row" style={{ alignItems: "flex-start" }}>
                <TextInput
                  size="xs"
                  className="k-grow"
                  aria-label={t("identity.rules.accounts.network")}
                  placeholder="203.0.113.0/24"
                  spellCheck={false}
                  classNames={{ input: css.code! }}
                  {...form.getInputProps(`networks.${at}.network`)}
                />
                <TextInput
                  size="xs"
                  className="k-grow"
                  aria-label={t("identity.rules.accounts.account")}
                  placeholder={t("identity.rules.accounts.accountHint")}
                  {...form.getInputProps(`networks.${at}.account`)}
                />
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={t("identity.rules.accounts.remove", { network })}
                  onClick={() => form.removeListItem("networks", at)}
                >
                  <Icon name="close" size={16} />
                </ActionIcon>
              </li>
            ))}
          </ul>
          {networks.length < NETWORKS_MAX && (
            <div>
              <Button
                size="xs"
                variant="default"
                leftSection={<Icon name="plus" size={15} />}
                onClick={add}
              >
                {t("identity.rules.accounts.add")}
              </Button>
            </div>
          )}
        </div>
      </div>
    </Card>
  );
}
