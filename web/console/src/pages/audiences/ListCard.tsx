import { Button, SegmentedControl } from "@mantine/core";
import { useMemo, useState } from "react";
import { t } from "../../i18n/t.ts";
import { Card } from "../../parts/Card.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { LinkButton } from "../../parts/LinkButton.tsx";
import { BadRows, IdentifierEntry } from "./IdentifierEntry.tsx";
import css from "./IdentifierEntry.module.css";
import { readIdentifiers } from "./identifiers.ts";
import { type MembersOutcome, useMembers } from "./use-members.ts";

/** Puts people on a list, or takes them off. */
export function ListCard({ id }: { id: string }) {
  const [text, setText] = useState("");
  const [action, setAction] = useState<"add" | "remove">("add");
  const read = useMemo(() => readIdentifiers(text), [text]);
  const members = useMembers();
  const count = read.identifiers.length;

  function change(value: string) {
    setText(value);
    members.clear();
  }

  return (
    <div className="k-stack">
      {(members.outcome || members.error !== null) && (
        <Outcome id={id} outcome={members.outcome} error={members.error} />
      )}
      <Card title={t("audiences.file.title")} note={t("audiences.file.note")}>
        <div className="k-stack">
          <div>
            <SegmentedControl
              size="xs"
              aria-label={t("audiences.file.action")}
              value={action}
              data={[
                { value: "add", label: t("audiences.file.adding") },
                { value: "remove", label: t("audiences.file.removing") },
              ]}
              onChange={(value) => setAction(value as "add" | "remove")}
            />
          </div>
          <IdentifierEntry text={text} read={read} onChange={change} />
          {count > 0 && (
            <div className="k-row">
              <Button
                color={action === "add" ? "kith" : "danger"}
                loading={members.done !== null}
                disabled={members.outcome !== null}
                onClick={() => void members.send(id, action, read)}
              >
                {t(`audiences.file.${action}`, { count })}
              </Button>
              {members.done !== null && (
                <span className="k-small k-muted">
                  {t("audiences.file.sending", { done: members.done, total: count })}
                </span>
              )}
            </div>
          )}
        </div>
      </Card>
    </div>
  );
}

interface OutcomeProps {
  id: string;
  outcome: MembersOutcome | null;
  error: unknown;
}

/** What became of the identifiers that were sent. */
export function Outcome({ id, outcome, error }: OutcomeProps) {
  const refused = outcome?.refused ?? [];
  return (
    <div className="k-stack">
      {error !== null && <Failure error={error} />}
      <Card tone={refused.length > 0 ? "warn" : "accent"}>
        <div className="k-stack" role="status">
          <div className="k-spread">
            <p className={css.title}>
              {t(outcome?.action === "remove" ? "audiences.file.removed" : "audiences.file.added", {
                count: outcome?.accepted ?? 0,
              })}
              {refused.length > 0 && ` · ${t("audiences.file.refused", { count: refused.length })}`}
            </p>
            <LinkButton to="/audiences/$id" params={{ id }} size="xs" variant="default">
              {t("audiences.file.open")}
            </LinkButton>
          </div>
          {refused.length > 0 && <BadRows errors={refused} />}
        </div>
      </Card>
    </div>
  );
}
