/** Why a person is one person: the graph, the identifiers, the links, and changing them by hand. */
import { Button, Checkbox } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { mergePersons, nameOf, splitPerson, withdrawVerdict } from "../../api/identity.ts";
import { personQuery } from "../../api/persons.ts";
import { type ProbableLink, probableLinksQuery } from "../../api/reviews.ts";
import type { Link as IdentityLink, Person, PersonIdentifier } from "../../api/types.ts";
import { Icon } from "../../icons/Icon.tsx";
import { formatInteger } from "../../i18n/format.ts";
import { t } from "../../i18n/t.ts";
import { Badge } from "../../parts/Badge.tsx";
import { Card } from "../../parts/Card.tsx";
import { Confirm } from "../../parts/Confirm.tsx";
import { Copy } from "../../parts/Copy.tsx";
import { IdentifierTag, personTitle } from "../../parts/IdentifierTag.tsx";
import { PersonPicker } from "../../parts/PersonPicker.tsx";
import { saved } from "../../parts/saved.ts";
import { Table } from "../../parts/Table.tsx";
import { When } from "../../parts/When.tsx";
import { GraphView } from "./graph/GraphView.tsx";
import { sortLinks } from "./graph/layout.ts";
import { refresh, RegroupDialog } from "./graph/RegroupDialog.tsx";
import css from "./Identity.module.css";
import { Probable } from "./Probable.tsx";

/** So many rows at first, and so many more at each click. */
const ROWS = 100;

const NONE: ProbableLink[] = [];

type Asked = "merge" | "split" | { cut: IdentityLink } | { takeBack: IdentityLink } | null;

export function Identity({ person }: { person: Person }) {
  const [asked, setAsked] = useState<Asked>(null);
  const [ticked, setTicked] = useState<string[]>([]);
  const chosen = person.identifiers.filter((one) => ticked.includes(nameOf(one)));
  const close = () => setAsked(null);
  const probable = useQuery(probableLinksQuery(person.person_id));
  return (
    <>
      <Card
        title={t("identity.graph.title")}
        note={t("identity.graph.note")}
        flush
        actions={
          <Button
            size="xs"
            variant="default"
            leftSection={<Icon name="link" size={15} />}
            onClick={() => setAsked("merge")}
          >
            {t("identity.merge.action")}
          </Button>
        }
      >
        <GraphView
          identifiers={person.identifiers}
          links={person.links}
          probable={probable.data ?? NONE}
        />
      </Card>
      <Probable person={person} onTakeBack={(link) => setAsked({ takeBack: link })} />
      <Identifiers
        person={person}
        ticked={ticked}
        onTicked={setTicked}
        onSplit={() => setAsked("split")}
      />
      <Links links={person.links} onAsk={setAsked} />
      {asked === "merge" && <Merge person={person} onClose={close} />}
      {asked === "split" && (
        <RegroupDialog
          title={t("identity.split.title")}
          text={t("identity.split.text")}
          action={t("identity.split.confirm")}
          nothing={t("identity.split.none")}
          done={(found) => t("identity.split.done", { count: found.after.length })}
          plan={{
            key: `split ${person.person_id} ${ticked.join(" ")}`,
            persons: [person.person_id],
            act: (wish) => splitPerson(person.person_id, { identifiers: chosen }, wish),
          }}
          onDone={() => setTicked([])}
          onClose={close}
        />
      )}
      {asked !== null && typeof asked === "object" && "cut" in asked && (
        <CutLink person={person} link={asked.cut} onClose={close} />
      )}
      {asked !== null && typeof asked === "object" && "takeBack" in asked && (
        <TakeBack link={asked.takeBack} onClose={close} />
      )}
    </>
  );
}

interface IdentifiersProps {
  person: Person;
  ticked: string[];
  onTicked: (ticked: string[]) => void;
  onSplit: () => void;
}

function Identifiers({ person, ticked, onTicked, onSplit }: IdentifiersProps) {
  const { identifiers } = person;
  const [rows, setRows] = useState(ROWS);
  const several = identifiers.length > 1;
  const everything = ticked.length >= identifiers.length;
  return (
    <Card
      title={t("persons.identifiersTitle")}
      note={t("persons.identifiersNote")}
      flush
      actions={
        several && (
          <span className="k-row">
            <span className="k-small k-muted" role="status">
              {ticked.length === 0 && t("identity.split.hint")}
              {everything && t("identity.split.all")}
            </span>
            {ticked.length > 0 && (
              <Button
                size="xs"
                variant="default"
                disabled={everything}
                leftSection={<Icon name="unlink" size={15} />}
                onClick={onSplit}
              >
                {t("identity.split.action", { count: ticked.length })}
              </Button>
            )}
          </span>
        )
      }
    >
      <Table
        label={t("persons.identifiersTitle")}
        headers={[
          t("persons.namespace"),
          t("persons.value"),
          t("persons.eventCount"),
          t("persons.lastSeen"),
        ]}
        numeric={[2]}
      >
        {identifiers.slice(0, rows).map((identifier) => (
          <Row
            key={nameOf(identifier)}
            identifier={identifier}
            ticked={several ? ticked.includes(nameOf(identifier)) : undefined}
            onTick={(on) =>
              onTicked(
                on
                  ? [...ticked, nameOf(identifier)]
                  : ticked.filter((name) => name !== nameOf(identifier)),
              )
            }
          />
        ))}
      </Table>
      <More left={identifiers.length - rows} onMore={() => setRows(rows + ROWS)} />
    </Card>
  );
}

interface RowProps {
  identifier: PersonIdentifier;
  /** Undefined: it cannot be chosen. */
  ticked: boolean | undefined;
  onTick: (on: boolean) => void;
}

function Row({ identifier, ticked, onTick }: RowProps) {
  const name = nameOf(identifier);
  return (
    <tr>
      <td>
        <span className="k-row">
          {ticked !== undefined && (
            <Checkbox
              size="sm"
              checked={ticked}
              aria-label={t("identity.split.choose", { name })}
              onChange={(event) => onTick(event.currentTarget.checked)}
            />
          )}
          {identifier.namespace}
        </span>
      </td>
      <td>
        <span className="k-row">
          <code className="k-wrap">{identifier.value}</code>
          <Copy text={name} label={t("parts.copy")} />
        </span>
      </td>
      <td data-numeric>{formatInteger(identifier.event_count)}</td>
      <td>
        <When at={identifier.last_seen_at} />
      </td>
    </tr>
  );
}

function More({ left, onMore }: { left: number; onMore: () => void }) {
  if (left <= 0) return null;
  return (
    <div className={css.more}>
      <Button size="xs" variant="default" onClick={onMore}>
        {t("identity.graph.more", { count: Math.min(left, ROWS) })}
      </Button>
    </div>
  );
}

function Links({ links, onAsk }: { links: IdentityLink[]; onAsk: (asked: Asked) => void }) {
  const [rows, setRows] = useState(ROWS);
  return (
    <Card title={t("persons.linksTitle")} note={t("persons.linksNote")} flush>
      {links.length === 0 ? (
        <p className={css.none}>{t("persons.noLinks")}</p>
      ) : (
        <ol>
          {sortLinks(links)
            .slice(0, rows)
            .map((link) => (
              <LinkEntry key={link.edge_id} link={link} onAsk={onAsk} />
            ))}
        </ol>
      )}
      <More left={links.length - rows} onMore={() => setRows(rows + ROWS)} />
    </Card>
  );
}

function LinkEntry({ link, onAsk }: { link: IdentityLink; onAsk: (asked: Asked) => void }) {
  const refused = link.state === "refused";
  const operator = link.kind === "operator";
  const named = { from: nameOf(link.from), to: nameOf(link.to) };
  return (
    <li className={css.link}>
      <span className={css.icon} data-refused={refused}>
        <Icon name={refused ? "unlink" : "link"} size={15} />
      </span>
      <div className="k-stack-tight k-grow">
        <div className="k-row-wrap">
          <IdentifierTag identifier={link.from} />
          <Icon name="arrow" size={14} />
          <IdentifierTag identifier={link.to} />
        </div>
        <p className="k-wrap">{link.reason}</p>
        <p className="k-row-wrap k-small k-muted">
          <Badge tone={refused ? "bad" : operator ? "plum" : "good"}>
            {refused ? t("persons.linkRefused") : t("persons.linkActive")}
          </Badge>
          <span>{t(`persons.${link.kind}`)}</span>
          <When at={link.linked_at} />
          {link.message_id && (
            <Link to="/events" search={{ open: link.message_id }}>
              {t("persons.openEvent")}
            </Link>
          )}
        </p>
      </div>
      {operator && refused && (
        <Button
          size="xs"
          variant="default"
          aria-label={t("identity.takeBack.label", named)}
          onClick={() => onAsk({ takeBack: link })}
        >
          {t("identity.takeBack.action")}
        </Button>
      )}
      {!refused && (
        <Button
          size="xs"
          variant="default"
          aria-label={t(operator ? "identity.takeBack.label" : "identity.split.cutLabel", named)}
          onClick={() => onAsk({ cut: link })}
        >
          {operator ? t("identity.takeBack.action") : t("identity.split.cut")}
        </Button>
      )}
    </li>
  );
}

interface CutLinkProps {
  person: Person;
  link: IdentityLink;
  onClose: () => void;
}

function CutLink({ person, link, onClose }: CutLinkProps) {
  const words = link.kind === "operator" ? "takeBack" : "split";
  return (
    <RegroupDialog
      title={words === "split" ? t("identity.split.cutTitle") : t("identity.takeBack.title")}
      text={words === "split" ? t("identity.split.cutText") : t("identity.takeBack.text")}
      action={words === "split" ? t("identity.split.cut") : t("identity.takeBack.confirm")}
      done={(found) =>
        words === "split"
          ? t("identity.split.done", { count: found.after.length })
          : t("identity.takeBack.done")
      }
      plan={{
        key: `cut ${link.edge_id}`,
        persons: [person.person_id],
        act: (wish) => splitPerson(person.person_id, { edge_id: link.edge_id }, wish),
      }}
      onClose={onClose}
    />
  );
}

function TakeBack({ link, onClose }: { link: IdentityLink; onClose: () => void }) {
  const queryClient = useQueryClient();
  return (
    <Confirm
      opened
      title={t("identity.takeBack.title")}
      action={t("identity.takeBack.confirm")}
      onClose={onClose}
      onConfirm={async () => {
        await withdrawVerdict(link.edge_id);
        await refresh(queryClient);
        saved(t("identity.takeBack.done"));
      }}
    >
      {t("identity.takeBack.text")}
    </Confirm>
  );
}

function Merge({ person, onClose }: { person: Person; onClose: () => void }) {
  const [otherId, setOtherId] = useState<string>();
  const navigate = useNavigate();
  const { data: other } = useQuery({
    ...personQuery(otherId ?? ""),
    enabled: otherId !== undefined,
  });
  const [mine] = person.identifiers;
  const theirs = other?.person_id === otherId ? other?.identifiers[0] : undefined;
  const same = otherId === person.person_id;
  const open = (personId: string) =>
    void navigate({
      to: "/profiles/$personId",
      params: { personId },
      search: { tab: "identity" },
      replace: true,
    });
  return (
    <RegroupDialog
      title={t("identity.merge.title")}
      text={t("identity.merge.text")}
      action={t("identity.merge.confirm")}
      done={() => t("identity.merge.done")}
      plan={
        mine && theirs && !same
          ? {
              key: `merge ${person.person_id} ${otherId}`,
              persons: [person.person_id, otherId!],
              act: (wish) => mergePersons([mine, theirs], wish),
            }
          : null
      }
      onDone={(found) => found.after[0] && open(found.after[0].person_id)}
      onUndone={() => open(person.person_id)}
      onClose={onClose}
    >
      <PersonPicker
        label={t("identity.merge.who")}
        nobody={t("identity.merge.nobody")}
        personId={otherId}
        onChange={setOtherId}
      />
      {same && (
        <p role="status" className="k-small">
          {t("identity.merge.same", { name: personTitle(person) })}
        </p>
      )}
    </RegroupDialog>
  );
}
