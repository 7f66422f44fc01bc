/** Merging and splitting by hand, and the way back from each. */
import {
  type Graph,
  mergePersons,
  nameOf,
  readGraph,
  type Regrouping,
  splitPerson,
  withdrawVerdict,
} from "../../../api/identity.ts";
import { personOf } from "../../../api/persons.ts";
import type { Link, PersonRow } from "../../../api/types.ts";

export interface Figures {
  persons: number;
  events: number;
  identifiers: number;
}

export function figures(rows: PersonRow[]): Figures {
  return {
    persons: rows.length,
    events: rows.reduce((sum, row) => sum + row.event_count, 0),
    identifiers: rows.reduce((sum, row) => sum + row.identifiers.length, 0),
  };
}

/** True when the persons after have the same identifiers as those before. */
export function changesNothing({ before, after }: Regrouping): boolean {
  const named = (rows: PersonRow[]) =>
    JSON.stringify(rows.map((row) => row.identifiers.map(nameOf).sort().join("\n")).sort());
  return named(before) === named(after);
}

/** What undoes a change of what operators said. */
export type Step = { withdraw: string } | { merge: Link } | { part: Link };

/** From what operators say after a change back to what they said before it. */
export function stepsBack(before: Link[], after: Link[]): Step[] {
  const was = new Map(before.map((link) => [link.edge_id, link]));
  const is = new Map(after.map((link) => [link.edge_id, link]));
  const steps: Step[] = [];
  for (const link of is.values()) {
    if (was.get(link.edge_id)?.state !== link.state) steps.push({ withdraw: link.edge_id });
  }
  for (const link of was.values()) {
    if (is.get(link.edge_id)?.state === link.state) continue;
    steps.push(link.state === "active" ? { merge: link } : { part: link });
  }
  return steps;
}

async function verdicts(person_ids: string[]): Promise<Link[]> {
  const graphs = await Promise.all(person_ids.map(readGraph));
  return graphs.flatMap((graph: Graph) => graph.edges).filter((link) => link.kind === "operator");
}

export interface Done {
  found: Regrouping;
  undo: () => Promise<void>;
}

/** Does it, and remembers what operators had said, so that it can be undone. */
export async function regroup(
  person_ids: string[],
  change: () => Promise<Regrouping>,
): Promise<Done> {
  const before = await verdicts(person_ids);
  const found = await change();
  const undo = async () => {
    const after = await verdicts(found.after.map((row) => row.person_id));
    for (const step of stepsBack(before, after)) await take(step);
  };
  return { found, undo };
}

async function take(step: Step): Promise<void> {
  const wish = { reason: "", preview: false };
  if ("withdraw" in step) {
    await withdrawVerdict(step.withdraw);
  } else if ("merge" in step) {
    await mergePersons([step.merge.from, step.merge.to], wish);
  } else {
    const [from, to] = await Promise.all([personOf(step.part.from), personOf(step.part.to)]);
    if (from && from === to) await splitPerson(from, { identifiers: [step.part.from] }, wish);
  }
}
