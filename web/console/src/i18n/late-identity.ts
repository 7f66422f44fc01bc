/** Texts about identity, which come with the pages about it; such a page imports this file. */
import { identity } from "./en/identity.ts";
import { addMessages } from "./t.ts";

const late = { identity };
export type LateIdentity = typeof late;

addMessages(late);
