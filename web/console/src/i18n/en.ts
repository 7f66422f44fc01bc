/** English, one file for each part of the console. */
import { audiences, explain, features } from "./en/audiences.ts";
import { catalog } from "./en/catalog.ts";
import { decisions, funnel, grants } from "./en/decisions.ts";
import { definitions, jobs } from "./en/definitions.ts";
import { events } from "./en/events.ts";
import { failure, frame, parts, session } from "./en/frame.ts";
import { home } from "./en/home.ts";
import { install } from "./en/install.ts";
import { persons } from "./en/persons.ts";
import { rules } from "./en/rules.ts";
import { settings, sources } from "./en/sources.ts";
import { exporting, webhooks } from "./en/webhooks.ts";

export const en = {
  frame,
  parts,
  failure,
  session,
  home,
  install,
  events,
  persons,
  audiences,
  features,
  explain,
  rules,
  catalog,
  definitions,
  decisions,
  funnel,
  grants,
  jobs,
  sources,
  settings,
  webhooks,
  exporting,
};
