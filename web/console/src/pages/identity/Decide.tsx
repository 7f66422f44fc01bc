/** What each answer would do, the answer itself, and the way back from the last one. */
import { Button, Kbd, Switch, Textarea } from "@mantine/core";
import { useHotkeys, useLocalStorage } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { withdrawVerdict } from "../../api/identity.ts";
import { asApiError } from "../../api/problem.ts";
import { decideReview, type ProbableLink, reviewsQuery, verdictOn } from "../../api/reviews.ts";
import { Icon } from "../../icons/Icon.tsx";
import { t } from "../../i18n/t.ts";
import { Card } from "../../parts/Card.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { personTitle } from "../../parts/IdentifierTag.tsx";
import { figures } from "../persons/graph/regroup.ts";
import { refresh } from "../persons/graph/RegroupDialog.tsx";
import css from "./Reviews.module.css";
import type { Said } from "./Reviews.tsx";

const REASON_MAX_CHARS = 500;
const KEYS_STORAGE = "kith.review-keys";
const KEYS = { same: "S", two: "T", skip: "→", back: "←", undo: "U" } as const;

interface DecideProps {
  link: ProbableLink;
  place: { at: number; count: number };
  last: Said | undefined;
  onSaid: (same: boolean) => void;
  onUndone: (edge_id: string) => void;
  onBack: () => void;
  onSkip: () => void;
}

export function Decide(props: DecideProps) {
  const { link, place, last, onSaid, onUndone, onBack, onSkip } = props;
  const queryClient = useQueryClient();
  const [keys, setKeys] = useLocalStorage({ key: KEYS_STORAGE, defaultValue: true });
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState<"same" | "two" | null>(null);
  const [error, setError] = useState<unknown>(null);
  const preview = usePreview(link);
  const mayJoin = preview.data !== undefined;

  async function decide(same: boolean) {
    if (busy || (same && !mayJoin)) return;
    setBusy(same ? "same" : "two");
    setError(null);
    try {
      await decideReview(link.edge_id, same, { reason: reason.trim(), preview: false });
      queryClient.setQueryData(reviewsQuery.queryKey, (items) =>
        items?.filter((one) => one.edge_id !== link.edge_id),
      );
      onSaid(same);
      await refresh(queryClient);
    } catch (failure) {
      setError(failure);
      setBusy(null);
    }
  }

  useHotkeys(
    keys
      ? [
          ["S", () => void decide(true)],
          ["T", () => void decide(false)],
          ["ArrowRight", onSkip],
          ["ArrowLeft", onBack],
        ]
      : [],
  );

  return (
    <>
      <div className={css.bar}>
        <Card
          title={t("identity.reviews.question")}
          actions={
            <span className="k-small k-muted k-number">
              {t("identity.reviews.place", { at: place.at + 1, count: place.count })}
            </span>
          }
        >
          <div className={css.answers}>
            <div className={css.answer}>
              <Answer
                name={t("identity.reviews.same")}
                shortcut={keys ? KEYS.same : undefined}
                primary
                busy={busy === "same"}
                disabled={busy !== null || !mayJoin}
                onClick={() => void decide(true)}
              />
              <SameText preview={preview} />
            </div>
            <div className={css.answer}>
              <Answer
                name={t("identity.reviews.two")}
                shortcut={keys ? KEYS.two : undefined}
                busy={busy === "two"}
                disabled={busy !== null}
                onClick={() => void decide(false)}
              />
              <p className="k-tiny k-soft">{t("identity.reviews.twoText")}</p>
            </div>
          </div>
          {error !== null && <Failure error={error} title={t("identity.reviews.failed")} />}
        </Card>
      </div>
      {last && <Last last={last} keys={keys} onUndone={onUndone} />}
      <Card>
        <div className="k-stack">
          <Textarea
            label={t("identity.reviews.reason")}
            placeholder={t("identity.reviews.reasonHint")}
            value={reason}
            maxLength={REASON_MAX_CHARS}
            autosize
            minRows={1}
            maxRows={4}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <div className="k-spread">
            <Step
              icon="back"
              name={t("identity.reviews.back")}
              off={place.at === 0}
              onClick={onBack}
            />
            <Step
              icon="arrow"
              name={t("identity.reviews.skip")}
              off={place.count < 2}
              onClick={onSkip}
            />
          </div>
          <Switch
            size="xs"
            className={css.keys}
            checked={keys}
            label={t("identity.reviews.keys")}
            onChange={(event) => setKeys(event.currentTarget.checked)}
          />
        </div>
      </Card>
    </>
  );
}

/** What “same person” would do; it fails when another word keeps them apart. */
function usePreview(link: ProbableLink) {
  return useQuery({
    queryKey: ["identity", "reviews", link.edge_id, "preview"],
    queryFn: () => decideReview(link.edge_id, true, { reason: "", preview: true }),
    retry: false,
    staleTime: 0,
    gcTime: 0,
  });
}

function SameText({ preview }: { preview: ReturnType<typeof usePreview> }) {
  const { data, error } = preview;
  if (error) {
    const { problem } = asApiError(error);
    return (
      <p className="k-tiny" role="status">
        {t("identity.reviews.cannot", { detail: problem.detail || problem.title })}
      </p>
    );
  }
  if (!data) return <p className="k-tiny k-muted">{t("identity.reviews.looking")}</p>;
  const sum = figures(data.after);
  const name = data.after[0] ? personTitle(data.after[0]) : "";
  return (
    <p className={`${css.clamped} k-tiny k-soft`}>
      {t("identity.reviews.sameText", {
        name,
        events: t("identity.regroup.events", { count: sum.events }),
        identifiers: t("identity.regroup.identifiers", { count: sum.identifiers }),
      })}
    </p>
  );
}

interface AnswerProps {
  name: string;
  shortcut: string | undefined;
  primary?: boolean;
  busy: boolean;
  disabled: boolean;
  onClick: () => void;
}

function Answer({ name, shortcut, primary, busy, disabled, onClick }: AnswerProps) {
  return (
    <Button
      fullWidth
      variant={primary ? "filled" : "default"}
      loading={busy}
      disabled={disabled}
      aria-keyshortcuts={shortcut}
      rightSection={shortcut && <Key name={shortcut} />}
      onClick={onClick}
    >
      {name}
    </Button>
  );
}

interface StepProps {
  icon: "back" | "arrow";
  name: string;
  off: boolean;
  onClick: () => void;
}

function Step({ icon, name, off, onClick }: StepProps) {
  const sign = <Icon name={icon} size={15} />;
  const side = icon === "back" ? { leftSection: sign } : { rightSection: sign };
  return (
    <Button size="xs" variant="subtle" color="gray" disabled={off} onClick={onClick} {...side}>
      {name}
    </Button>
  );
}

function Key({ name }: { name: string }) {
  return (
    <Kbd size="xs" className={css.key} aria-hidden="true">
      {name}
    </Kbd>
  );
}

interface LastProps {
  last: Said;
  keys: boolean;
  onUndone: (edge_id: string) => void;
}

/** The last answer, and the way back from it. */
export function Last({ last, keys, onUndone }: LastProps) {
  const queryClient = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const { link, same } = last;

  async function undo() {
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      await withdrawVerdict(verdictOn(link.edge_id));
      await refresh(queryClient);
      onUndone(link.edge_id);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  }

  useHotkeys(keys ? [[KEYS.undo, () => void undo()]] : []);

  return (
    <div className={css.last}>
      <p className={`${css.clamped} k-small`} role="status">
        {t(same ? "identity.reviews.saidSame" : "identity.reviews.saidTwo", {
          from: personTitle(link.from.person),
          to: personTitle(link.to.person),
        })}
      </p>
      <Button
        size="xs"
        variant="default"
        loading={busy}
        leftSection={<Icon name="undo" size={14} />}
        rightSection={keys && <Key name={KEYS.undo} />}
        aria-keyshortcuts={keys ? KEYS.undo : undefined}
        onClick={() => void undo()}
      >
        {t("identity.regroup.undo")}
      </Button>
      {error !== null && <Failure error={error} title={t("identity.reviews.undoFailed")} />}
    </div>
  );
}
