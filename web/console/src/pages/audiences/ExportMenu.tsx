import { Button, Menu, Modal, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import {
  downloadAddress,
  FORMATS,
  type Platform,
  PLATFORMS,
  reachQuery,
} from "../../api/exports.ts";
import { Icon } from "../../icons/Icon.tsx";
import { formatInteger } from "../../i18n/format.ts";
import { t, tMaybe } from "../../i18n/t.ts";
import { Failure } from "../../parts/Failure.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import css from "./Export.module.css";

/** An audience as a file, or as contacts for an ad platform. */
export function ExportMenu({ id }: { id: string }) {
  const [platform, setPlatform] = useState<Platform | null>(null);
  return (
    <>
      <Menu
        position="bottom-end"
        width={210}
        shadow="md"
        withinPortal={false}
        withInitialFocusPlaceholder={false}
      >
        <Menu.Target>
          <Button
            variant="default"
            size="xs"
            aria-label={t("exporting.menuLabel")}
            leftSection={<Icon name="download" size={15} />}
          >
            {t("exporting.menu")}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <div role="group" aria-label={t("exporting.file")}>
            <Menu.Label>{t("exporting.file")}</Menu.Label>
            {FORMATS.map((format) => (
              <Menu.Item key={format} component="a" href={downloadAddress(id, format)} download>
                {t(`exporting.${format}`)}
              </Menu.Item>
            ))}
          </div>
          <div role="group" aria-label={t("exporting.ads")}>
            <Menu.Label>{t("exporting.ads")}</Menu.Label>
            {PLATFORMS.map((one) => (
              <Menu.Item key={one} onClick={() => setPlatform(one)}>
                {t(`exporting.${one}`)}
              </Menu.Item>
            ))}
          </div>
        </Menu.Dropdown>
      </Menu>
      <Modal
        opened={platform !== null}
        onClose={() => setPlatform(null)}
        title={platform && t("exporting.adsTitle", { platform: t(`exporting.names.${platform}`) })}
        closeButtonProps={{ "aria-label": t("parts.close") }}
      >
        {platform && <Contacts id={id} platform={platform} />}
      </Modal>
    </>
  );
}

/** Who would be in the file, and who would not, before it is taken. */
function Contacts({ id, platform }: { id: string; platform: Platform }) {
  const [consent, setConsent] = useState("marketing");
  const [asked] = useDebouncedValue(consent.trim() || "marketing", 300);
  const reach = useQuery(reachQuery(id, platform, asked));
  return (
    <div className="k-stack">
      <p className="k-soft">{t("exporting.adsText")}</p>
      <TextInput
        label={t("exporting.consent")}
        description={t("exporting.consentHint")}
        value={consent}
        spellCheck={false}
        onChange={(event) => setConsent(event.currentTarget.value)}
      />
      {reach.error && <Failure error={reach.error} onRetry={() => void reach.refetch()} />}
      {reach.isPending && <Waiting lines={3} height={20} />}
      {reach.data && (
        <div className={css.reach} role="status">
          <p>
            <span className={css.big}>{formatInteger(reach.data.rows)}</span>{" "}
            {t("exporting.included", { count: reach.data.rows })}
          </p>
          {reach.data.withheld.length > 0 && (
            <>
              <p className="k-small k-muted">{t("exporting.withheld")}</p>
              <ul className={css.withheld}>
                {reach.data.withheld.map(({ reason, persons }) => (
                  <li key={reason} className="k-spread">
                    <span>{tMaybe(`exporting.reasons.${reason}`) ?? reason}</span>
                    <span className="k-number">{formatInteger(persons)}</span>
                  </li>
                ))}
              </ul>
            </>
          )}
        </div>
      )}
      <div className="k-row" style={{ justifyContent: "flex-end" }}>
        <Button
          component="a"
          href={downloadAddress(id, platform, asked)}
          download
          leftSection={<Icon name="download" size={15} />}
        >
          {t("exporting.download")}
        </Button>
      </div>
    </div>
  );
}
