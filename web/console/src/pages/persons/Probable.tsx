/** Who is probably this person too, why, where it counts, and deciding about it. */
import { Button, SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useId, useState } from "react";
import { definitionQuery } from "../../api/definitions.ts";
import { type LinkPolicy, RULES_ID } from "../../api/identity.ts";
import {
  decideReview,
  type ProbableLink,
  probableLinksQuery,
  verdictOn,
} from "../../api/reviews.ts";
import type { Link as IdentityLink, Person } from "../../api/types.ts";
import { Icon } from "../../icons/Icon.tsx";
import { t } from "../../i18n/t.ts";
import { Avatar } from "../../parts/Avatar.tsx";
import { Card } from "../../parts/Card.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { bestIdentifier, IdentifierTag, isVisitor, personTitle } from "../../parts/IdentifierTag.tsx";
import { Waiting } from "../../parts/Waiting.tsx";
import { Confidence, Standing } from "../identity/Confidence.tsx";
import { isMatching } from "../identity/matching.ts";
import { Waterfall } from "../identity/Waterfall.tsx";
import { whyOf } from "../identity/Why.tsx";
import { RegroupDialog } from "./graph/RegroupDialog.tsx";
import css from "./Probable.module.css";

const route = getRouteApi("/app/profiles/$personId");
const POLICIES: LinkPolicy[] = ["exact", "strict", "loose"];
/** Rows at first. */
const ROWS = 10;

interface ProbableProps {
  person: Person;
  /** Takes back what an operator said. */
  onTakeBack: (link: IdentityLink) => void;
}

export function Probable({ person, onTakeBack }: ProbableProps) {
  const { data, error, refetch } = useQuery(probableLinksQuery(person.person_id));
  const [asked, setAsked] = useState<{ link: ProbableLink; same: boolean } | null>(null);
  const [all, setAll] = useState(false);
  const said = new Map(person.links.map((link) => [link.edge_id, link]));
  const shown = all ? data : data?.slice(0, ROWS);
  return (
    <Card title={t("identity.probable.title")} note={t("identity.probable.note")} flush>
      {error && <Failure error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Waiting lines={2} />}
      {data?.length === 0 && <Nobody />}
      {data && data.length > 0 && <ShowAs />}
      {shown && shown.length > 0 && (
        <ol>
          {shown.map((link) => {
            const verdict = said.get(verdictOn(link.edge_id));
            return (
              <Entry
                key={link.edge_id}
                link={link}
                other={otherOf(link, person.person_id)}
                onDecide={verdict ? undefined : (same) => setAsked({ link, same })}
                onTakeBack={verdict && (() => onTakeBack(verdict))}
              />
            );
          })}
        </ol>
      )}
      {data && shown && data.length > shown.length && (
        <div className={css.more}>
          <Button size="xs" variant="default" onClick={() => setAll(true)}>
            {t("identity.graph.more", { count: data.length - shown.length })}
          </Button>
        </div>
      )}
      {asked && <DecideDialog {...asked} personId={person.person_id} onClose={() => setAsked(null)} />}
    </Card>
  );
}

/** The end of a link that is not this person's. */
function otherOf(link: ProbableLink, personId: string) {
  return link.from.person.person_id === personId ? link.to : link.from;
}

function Nobody() {
  const { data } = useQuery({ ...definitionQuery("identity", RULES_ID), retry: false });
  if (isMatching(data?.definition.spec)) {
    return <p className={css.none}>{t("identity.probable.none")}</p>;
  }
  return (
    <p className={css.none}>
      {t("identity.probable.off")}{" "}
      <Link to="/identity-rules" hash="probable" className={css.named}>
        {t("identity.probable.rules")}
      </Link>
    </p>
  );
}

interface EntryProps {
  link: ProbableLink;
  other: ProbableLink["from"];
  /** Absent when an operator has spoken. */
  onDecide: ((same: boolean) => void) | undefined;
  onTakeBack: (() => void) | undefined;
}

function Entry({ link, other, onDecide, onTakeBack }: EntryProps) {
  const [open, setOpen] = useState(false);
  const why = useId();
  const { person } = other;
  const name = personTitle(person);
  const best = bestIdentifier(person.identifiers);
  return (
    <li className={css.entry}>
      <Avatar name={name} id={person.person_id} size={34} visitor={isVisitor(person.identifiers)} />
      <div className="k-stack-tight k-grow">
        <div className="k-row-wrap">
          <Link
            to="/profiles/$personId"
            params={{ personId: person.person_id }}
            search={{ tab: "identity" }}
            className={css.name}
          >
            {name}
          </Link>
          {best && best.value !== name && <IdentifierTag identifier={best} />}
        </div>
        <p className="k-row-wrap k-small">
          <Confidence confidence={link.confidence} />
          <Standing link={link} />
          <span className="k-soft">{t(`identity.probable.basis.${link.basis}`)}</span>
        </p>
        <p className="k-small k-soft k-wrap">{whyOf(link)}</p>
        <div className={css.actions}>
          <Button
            size="xs"
            variant="default"
            aria-expanded={open}
            aria-controls={why}
            rightSection={<Icon name={open ? "up" : "down"} size={14} />}
            onClick={() => setOpen(!open)}
          >
            {t("identity.probable.why")}
          </Button>
          {onDecide && (
            <>
              <Button
                size="xs"
                variant="default"
                aria-label={t("identity.probable.sameLabel", { name })}
                onClick={() => onDecide(true)}
              >
                {t("identity.probable.decideSame")}
              </Button>
              <Button
                size="xs"
                variant="default"
                aria-label={t("identity.probable.twoLabel", { name })}
                onClick={() => onDecide(false)}
              >
                {t("identity.probable.decideTwo")}
              </Button>
            </>
          )}
          {onTakeBack && (
            <Button size="xs" variant="default" onClick={onTakeBack}>
              {t("identity.takeBack.action")}
            </Button>
          )}
        </div>
        <div id={why} className={css.why} hidden={!open}>
          {open && <Waterfall reasons={link.reasons} />}
        </div>
      </div>
    </li>
  );
}

interface DecideDialogProps {
  link: ProbableLink;
  same: boolean;
  personId: string;
  onClose: () => void;
}

function DecideDialog({ link, same, personId, onClose }: DecideDialogProps) {
  const navigate = useNavigate();
  const words = same ? "same" : "two";
  const open = (person: string) =>
    void navigate({
      to: "/profiles/$personId",
      params: { personId: person },
      search: { tab: "identity" },
      replace: true,
    });
  return (
    <RegroupDialog
      title={t(`identity.probable.${words}Title`)}
      text={t(`identity.probable.${words}Dialog`)}
      action={same ? t("identity.probable.decideSame") : t("identity.probable.decideTwo")}
      done={() => t(`identity.probable.${words}Done`)}
      plan={{
        key: `decide ${link.edge_id} ${words}`,
        persons: [link.from.person.person_id, link.to.person.person_id],
        act: (wish) => decideReview(link.edge_id, same, wish),
      }}
      onDone={(found) => same && found.after[0] && open(found.after[0].person_id)}
      onUndone={() => open(personId)}
      onClose={onClose}
    />
  );
}

/** Whose data the profile shows. */
function ShowAs() {
  const { as = "exact" } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <div className={css.showAs}>
      <p id="show-as" className="k-small k-soft">
        {t("identity.probable.showAs")}
      </p>
      <SegmentedControl
        size="xs"
        aria-labelledby="show-as"
        value={as}
        data={POLICIES.map((value) => ({ value, label: t(`identity.policy.${value}`) }))}
        onChange={(value) =>
          void navigate({
            search: (before) => ({
              ...before,
              as: value === "exact" ? undefined : (value as "strict" | "loose"),
            }),
            replace: true,
            resetScroll: false,
          })
        }
      />
    </div>
  );
}
