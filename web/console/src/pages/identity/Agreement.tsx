/** How often operators agreed with probable links, by how sure these were. */
import type { ReviewAgreement } from "../../api/identity.ts";
import { formatPercent } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Card } from "../../parts/Card.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { LinkButton } from "../../parts/LinkButton.tsx";
import css from "./Worth.module.css";
import { type Tenth, tenths, totals } from "./worth.ts";

export function Agreement({ agreement }: { agreement: ReviewAgreement[] }) {
  const { same, all } = totals(agreement);
  return (
    <Card title={t("identity.agreement.title")} note={t("identity.agreement.note")}>
      {all === 0 ? (
        <Empty
          icon="pair"
          compact
          title={t("identity.agreement.none")}
          action={
            <LinkButton to="/identity-reviews" variant="default" size="xs">
              {t("identity.quality.reviews")}
            </LinkButton>
          }
        >
          {t("identity.agreement.noneText")}
        </Empty>
      ) : (
        <div className="k-stack">
          <p>{t("identity.agreement.sum", { same, count: all, share: formatPercent(same / all) })}</p>
          <ul className={css.tenths} aria-label={t("identity.agreement.title")}>
            {tenths(agreement).map((tenth) => (
              <Row key={tenth.from} tenth={tenth} />
            ))}
          </ul>
          <p className={css.legend} aria-hidden="true">
            <span data-line="same">{t("identity.agreement.same")}</span>
            <span data-line="different">{t("identity.agreement.different")}</span>
            <span data-line="expected">{t("identity.agreement.expected")}</span>
          </p>
        </div>
      )}
    </Card>
  );
}

function Row({ tenth }: { tenth: Tenth }) {
  const { from, to, same, different, share, expected } = tenth;
  return (
    <li className={css.tenth}>
      <span className="k-number">
        {formatPercent(from)} – {formatPercent(to)}
      </span>
      <span className={css.bar} aria-hidden="true">
        {share !== undefined && (
          <>
            <span data-part="same" style={{ width: `${100 * share}%` }} />
            <span data-part="different" style={{ width: `${100 * (1 - share)}%` }} />
          </>
        )}
        <span className={css.expected} style={{ left: `${100 * expected}%` }} />
      </span>
      <span className={css.counts}>
        {share === undefined ? (
          <span className="k-muted">{t("identity.agreement.undecided")}</span>
        ) : (
          <>
            <strong className="k-number">{formatPercent(share)}</strong>{" "}
            <span className="k-muted">
              {t("identity.agreement.counts", { same, count: same + different })}
            </span>
          </>
        )}
      </span>
    </li>
  );
}
