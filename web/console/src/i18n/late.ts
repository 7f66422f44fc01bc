/** Texts that come with the pages that show them; such a page imports this file. */
import { policies } from "./en/policies.ts";
import { recipes } from "./en/recipes.ts";
import { addMessages } from "./t.ts";

const late = { recipes, policies };
export type LateMessages = typeof late;

addMessages(late);
