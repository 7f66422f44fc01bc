import { createContext, type RefObject } from "react";
import { type Known, NOTHING_KNOWN } from "./facts.ts";

interface BuilderContextValue {
  known: Known;
  /** Keys of the parts that lack something. */
  unfinished: ReadonlySet<string>;
  /** Saving was tried: what is unfinished is marked as wrong. */
  insist: boolean;
  /** The part that was just added takes the focus when it is drawn. */
  fresh: RefObject<string | null>;
}

export const BuilderContext = createContext<BuilderContextValue>({
  known: NOTHING_KNOWN,
  unfinished: new Set(),
  insist: false,
  fresh: { current: null },
});
