/** How many people pass each layer of an offer, and who is never offered anything. */
import { Button, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { funnelQuery, type OfferFunnel, type PlacementFunnel } from "../../api/offers.ts";
import { Icon } from "../../icons/Icon.tsx";
import { formatInteger, formatPercent } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Avatar } from "../../parts/Avatar.tsx";
import { Card } from "../../parts/Card.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { isVisitor, personTitle } from "../../parts/IdentifierTag.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import css from "./Funnel.module.css";
import { type FunnelStep, narrowest, outline, ranked, stepsOf } from "./funnel.ts";

/** Offers that are listed before somebody asks for the others. */
const LISTED_MAX = 12;

/** Of a placement: every offer, one of them drawn. */
export function PlacementFunnelCard({ placement }: { placement: string }) {
  const [chosen, setChosen] = useState<string | null>(null);
  return (
    <Counted placement={placement} note={t("funnel.notePlacement")}>
      {(funnel) => {
        const offers = ranked(funnel.offers);
        const drawn = offers.find(({ offer }) => offer === chosen) ?? offers[0];
        if (!drawn) return <NoOffer />;
        return (
          <div className={css.columns}>
            <Offers offers={offers} chosen={drawn.offer} onChoose={setChosen} />
            <Drawn funnel={drawn} link />
          </div>
        );
      }}
    </Counted>
  );
}

/** Of one offer, in each of its placements. */
export function OfferFunnelCard({ offer, placements }: { offer: string; placements: string[] }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const placement = placements.includes(chosen ?? "") ? chosen : placements[0];
  if (!placement) return null;
  const choice = placements.length > 1 && (
    <Select
      size="xs"
      aria-label={t("funnel.placement")}
      data={placements}
      value={placement}
      allowDeselect={false}
      onChange={setChosen}
    />
  );
  return (
    <Counted placement={placement} note={t("funnel.noteOffer", { placement })} choice={choice}>
      {(funnel) => {
        const own = funnel.offers.find((one) => one.offer === offer);
        return own ? <Drawn funnel={own} /> : <NoOffer />;
      }}
    </Counted>
  );
}

interface CountedProps {
  placement: string;
  note: string;
  choice?: ReactNode;
  children: (funnel: PlacementFunnel) => ReactNode;
}

/** What both cards share: counting, who was looked at, and who is left empty-handed. */
function Counted({ placement, note, choice, children }: CountedProps) {
  const { data, error, isFetching, refetch } = useQuery(funnelQuery(placement));
  return (
    <Card
      title={t("funnel.title")}
      note={note}
      actions={
        <span className="k-row">
          {choice}
          <Button
            size="xs"
            variant="default"
            loading={isFetching}
            leftSection={<Icon name="refresh" size={15} />}
            onClick={() => void refetch()}
          >
            {t("funnel.again")}
          </Button>
        </span>
      }
    >
      {error && <Failure error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Waiting lines={9} height={22} />}
      {data && data.sampled === 0 && (
        <Empty icon="people" title={t("funnel.nobody")} compact>
          {t("funnel.nobodyText")}
        </Empty>
      )}
      {data && data.sampled > 0 && (
        <div className="k-stack-loose">
          <p className="k-small k-soft">
            {data.sampled < data.persons
              ? t("funnel.sampled", { count: data.sampled, persons: data.persons })
              : t("funnel.everybody", { count: data.sampled })}{" "}
            {data.refused > 0 && t("funnel.refused", { count: data.refused })}
          </p>
          {children(data)}
          <Never funnel={data} />
        </div>
      )}
    </Card>
  );
}

function NoOffer() {
  return (
    <Empty icon="offer" title={t("funnel.noOffer")} compact>
      {t("funnel.noOfferText")}
    </Empty>
  );
}

interface OffersProps {
  offers: OfferFunnel[];
  chosen: string;
  onChoose: (offer: string) => void;
}

function Offers({ offers, chosen, onChoose }: OffersProps) {
  const [all, setAll] = useState(false);
  const listed = all ? offers : offers.slice(0, LISTED_MAX);
  return (
    <div>
      <ul className={css.offers} aria-label={t("funnel.offers")}>
        {listed.map((one) => (
          <li key={one.offer}>
            <button
              type="button"
              className={css.offer}
              aria-pressed={one.offer === chosen}
              onClick={() => onChoose(one.offer)}
            >
              <span className="k-ellipsis" title={one.offer}>
                {one.offer}
              </span>
              <span className="k-number k-tiny">{shareShown(one)}</span>
              <span className={css.mini} aria-hidden="true">
                <span style={{ width: `${100 * shownOf(one)}%` }} />
              </span>
            </button>
          </li>
        ))}
      </ul>
      {listed.length < offers.length && (
        <Button size="xs" variant="subtle" onClick={() => setAll(true)}>
          {t("funnel.more", { count: offers.length - listed.length })}
        </Button>
      )}
    </div>
  );
}

const shownOf = ({ shown, considered }: OfferFunnel) => (considered > 0 ? shown / considered : 0);
const shareShown = (one: OfferFunnel) => t("funnel.shownShare", { share: formatPercent(shownOf(one)) });

function Drawn({ funnel, link }: { funnel: OfferFunnel; link?: boolean }) {
  const steps = stepsOf(funnel);
  const most = narrowest(steps);
  return (
    <div className="k-stack">
      {link && (
        <h3 className="k-wrap">
          <Link to="/offers/$id" params={{ id: funnel.offer }}>
            {funnel.offer}
          </Link>
        </h3>
      )}
      <ol className={css.funnel} aria-label={t("funnel.label", { offer: funnel.offer })}>
        {steps.map((step) => (
          <Step key={step.layer} step={step} most={step === most} />
        ))}
      </ol>
      <p className="k-small k-soft">
        {most
          ? t("funnel.most", { layer: t(`funnel.layer.${most.layer}`), count: most.lost })
          : t("funnel.none")}
      </p>
    </div>
  );
}

function Step({ step, most }: { step: FunnelStep; most: boolean }) {
  return (
    <li className={css.step} data-most={most || undefined}>
      <span className={css.layer}>
        <span>{t(`funnel.layer.${step.layer}`)}</span>
        <span className="k-tiny k-muted">{t(`funnel.layerNote.${step.layer}`)}</span>
      </span>
      <span className={css.track} aria-hidden="true">
        <span className={css.shape} style={{ clipPath: outline(step) }} />
      </span>
      <span className={css.count}>
        <span className="k-number">
          {formatInteger(step.count)}{" "}
          <span className="k-muted k-tiny">{formatPercent(step.share)}</span>
        </span>
        {step.lost > 0 && (
          <span className={`${css.lost} k-tiny k-number`}>
            {t("funnel.lost", { count: step.lost })}
          </span>
        )}
      </span>
    </li>
  );
}

function Never({ funnel }: { funnel: PlacementFunnel }) {
  const { never_offered, never_offered_sample, sampled, refused } = funnel;
  const of = sampled - refused;
  if (never_offered === 0) {
    return (
      <p className={css.never} data-good>
        <Icon name="check" size={16} />
        {t("funnel.neverNobody")}
      </p>
    );
  }
  return (
    <section className={css.never}>
      <h3>
        {t("funnel.never", {
          count: never_offered,
          share: formatPercent(of > 0 ? never_offered / of : 0),
        })}
      </h3>
      <p className="k-small k-soft">{t("funnel.neverNote")}</p>
      <ul className={css.people} aria-label={t("funnel.neverSample")}>
        {never_offered_sample.map((person) => (
          <li key={person.person_id}>
            <Link
              to="/profiles/$personId"
              params={{ personId: person.person_id }}
              className={css.person}
            >
              <Avatar
                name={personTitle(person)}
                id={person.person_id}
                size={22}
                visitor={isVisitor(person.identifiers)}
              />
              <span className="k-ellipsis">{personTitle(person)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
