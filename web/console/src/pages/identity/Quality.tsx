/** Who is one person and who is not, and what made it so. */
import "../../i18n/late-identity.ts";
import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import {
  nameOf,
  pardon,
  qualityQuery,
  type SharedIdentifier,
  type Verdict,
  withdrawVerdict,
} from "../../api/identity.ts";
import { formatInteger } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Badge } from "../../parts/Badge.tsx";
import { Card } from "../../parts/Card.tsx";
import { Confirm } from "../../parts/Confirm.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { IdentifierTag } from "../../parts/IdentifierTag.tsx";
import { LinkButton } from "../../parts/LinkButton.tsx";
import { Page } from "../../parts/Page.tsx";
import { PairedBars } from "../../parts/PairedBars.tsx";
import { saved } from "../../parts/saved.ts";
import { Table } from "../../parts/Table.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { When } from "../../parts/When.tsx";
import { refresh } from "../persons/graph/RegroupDialog.tsx";
import { Agreement } from "./Agreement.tsx";
import { Changes } from "./Changes.tsx";
import css from "./Identity.module.css";
import { Matching } from "./Matching.tsx";
import { refusedBars, refusedTotal } from "./reasons.ts";
import { Figure } from "./Rules.tsx";

export function Quality() {
  const { data, error, refetch } = useQuery(qualityQuery);
  return (
    <Page
      title={t("identity.quality.title")}
      lede={t("identity.quality.lede")}
      actions={
        <span className="k-row-wrap">
          <LinkButton to="/identity-reviews" variant="default" icon="pair">
            {t("identity.quality.reviews")}
          </LinkButton>
          <LinkButton to="/identity-rules" variant="default" icon="link">
            {t("identity.quality.rules")}
          </LinkButton>
        </span>
      }
    >
      {error && <Failure error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Waiting lines={10} height={22} />}
      {data && (
        <div className="k-stack-loose">
          <dl className={css.figures}>
            <Figure
              name={t("identity.quality.persons")}
              value={formatInteger(data.shape.persons)}
            />
            <Figure
              name={t("identity.quality.largest")}
              value={t("identity.quality.largestUnit", { count: data.shape.largest })}
            />
            <Figure
              name={t("identity.quality.refusedTotal")}
              value={formatInteger(refusedTotal(data.shape))}
            />
            <Figure
              name={t("identity.quality.genericTotal")}
              value={formatInteger(data.shared.filter((one) => one.generic).length)}
            />
          </dl>
          <div className={css.columns}>
            <div className="k-stack-loose">
              <Refused shape={data.shape} />
              <Shared shared={data.shared} />
              <Agreement agreement={data.agreement} />
            </div>
            <div className="k-stack-loose">
              <Changes />
              <Matching />
            </div>
          </div>
          <Verdicts verdicts={data.verdicts} />
        </div>
      )}
    </Page>
  );
}

function Refused({ shape }: { shape: Parameters<typeof refusedTotal>[0] }) {
  const bars = refusedBars(shape);
  return (
    <Card title={t("identity.quality.refused")} note={t("identity.quality.refusedNote")}>
      {bars.length === 0 ? (
        <p className="k-muted">{t("identity.quality.refusedEmpty")}</p>
      ) : (
        <PairedBars label={t("identity.quality.refused")} bars={bars} />
      )}
    </Card>
  );
}

function Shared({ shared }: { shared: SharedIdentifier[] }) {
  const [asked, setAsked] = useState<SharedIdentifier | null>(null);
  const queryClient = useQueryClient();
  const unpardon = useMutation({
    mutationFn: (one: SharedIdentifier) => pardon(one.identifier, false),
    onSuccess: async () => {
      await refresh(queryClient);
      saved(t("identity.quality.unpardonedNow"));
    },
  });
  return (
    <Card title={t("identity.quality.shared")} note={t("identity.quality.sharedNote")} flush>
      {unpardon.error && <Failure error={unpardon.error} />}
      {shared.length === 0 ? (
        <Empty icon="people" compact title={t("identity.quality.sharedEmpty")}>
          {t("identity.quality.sharedEmptyText")}
        </Empty>
      ) : (
        <Table
          label={t("identity.quality.shared")}
          headers={[
            t("identity.quality.identifier"),
            t("identity.quality.met"),
            t("identity.quality.standing"),
            "",
          ]}
          numeric={[1]}
        >
          {shared.map((one) => {
            const name = nameOf(one.identifier);
            return (
              <tr key={name}>
                <td>
                  <IdentifierTag identifier={one.identifier} />
                </td>
                <td data-numeric>{formatInteger(one.met)}</td>
                <td>
                  <Standing one={one} />
                </td>
                <td>
                  <Button
                    size="xs"
                    variant="default"
                    aria-label={t(
                      one.pardoned ? "identity.quality.unpardonLabel" : "identity.quality.pardonLabel",
                      { name },
                    )}
                    onClick={() => (one.pardoned ? unpardon.mutate(one) : setAsked(one))}
                  >
                    {one.pardoned ? t("identity.quality.unpardon") : t("identity.quality.pardon")}
                  </Button>
                </td>
              </tr>
            );
          })}
        </Table>
      )}
      <Confirm
        opened={asked !== null}
        title={t("identity.quality.pardonTitle")}
        action={t("identity.quality.pardon")}
        onClose={() => setAsked(null)}
        onConfirm={async () => {
          await pardon(asked!.identifier, true);
          await refresh(queryClient);
          saved(t("identity.quality.pardonedNow"));
        }}
      >
        <div className="k-stack">
          {asked && (
            <div>
              <IdentifierTag identifier={asked.identifier} />
            </div>
          )}
          <p>{t("identity.quality.pardonText")}</p>
        </div>
      </Confirm>
    </Card>
  );
}

function Standing({ one }: { one: SharedIdentifier }) {
  if (one.pardoned) return <Badge tone="info">{t("identity.quality.pardoned")}</Badge>;
  if (one.generic) return <Badge tone="warn">{t("identity.quality.generic")}</Badge>;
  return <Badge>{t("identity.quality.ordinary")}</Badge>;
}

function Verdicts({ verdicts }: { verdicts: Verdict[] }) {
  const [asked, setAsked] = useState<Verdict | null>(null);
  const queryClient = useQueryClient();
  return (
    <Card title={t("identity.quality.verdicts")} note={t("identity.quality.verdictsNote")} flush>
      {verdicts.length === 0 ? (
        <Empty icon="person" compact title={t("identity.quality.verdictsEmpty")}>
          {t("identity.quality.verdictsEmptyText")}
        </Empty>
      ) : (
        <Table
          label={t("identity.quality.verdicts")}
          headers={[
            t("identity.quality.what"),
            t("identity.quality.identifier"),
            t("identity.quality.reason"),
            t("identity.quality.by"),
            t("identity.quality.when"),
            "",
          ]}
        >
          {verdicts.map((one) => (
            <tr key={one.edge_id}>
              <td>
                <Badge tone={one.says === "same" ? "plum" : "bad"}>
                  {t(`identity.quality.${one.says}`)}
                </Badge>
              </td>
              <td>
                <span className="k-row-wrap">
                  <IdentifierTag identifier={one.from} />
                  <IdentifierTag identifier={one.to} />
                </span>
              </td>
              <td className="k-wrap">{one.reason || "–"}</td>
              <td>{one.by}</td>
              <td>
                <When at={one.at} />
              </td>
              <td>
                <Button
                  size="xs"
                  variant="default"
                  aria-label={t("identity.takeBack.label", {
                    from: nameOf(one.from),
                    to: nameOf(one.to),
                  })}
                  onClick={() => setAsked(one)}
                >
                  {t("identity.takeBack.action")}
                </Button>
              </td>
            </tr>
          ))}
        </Table>
      )}
      <Confirm
        opened={asked !== null}
        title={t("identity.takeBack.title")}
        action={t("identity.takeBack.confirm")}
        onClose={() => setAsked(null)}
        onConfirm={async () => {
          await withdrawVerdict(asked!.edge_id);
          await refresh(queryClient);
          saved(t("identity.takeBack.done"));
        }}
      >
        {t("identity.takeBack.text")}
      </Confirm>
    </Card>
  );
}
