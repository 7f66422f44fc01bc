/** Every page of the console and the part of the address it keeps its state in. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { asApiError } from "./api/problem.ts";
import { sessionQuery } from "./api/session.ts";
import { Broken, NotFound } from "./frame/Broken.tsx";
import { Frame } from "./frame/Frame.tsx";
import { queryClient, whenSessionEnds } from "./queryClient.ts";
import { oneOf, parseSearch, type Search, stringifySearch, textOf } from "./search.ts";

const root = createRootRoute({ component: Outlet });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search: Search): { token?: string; next?: string } => ({
    token: textOf(search, "token"),
    next: textOf(search, "next"),
  }),
  component: lazyRouteComponent(() => import("./pages/session/SignIn.tsx"), "SignIn"),
});

const setUp = createRoute({
  getParentRoute: () => root,
  path: "/set-up",
  component: lazyRouteComponent(() => import("./pages/session/SetUp.tsx"), "SetUp"),
});

const app = createRoute({
  getParentRoute: () => root,
  id: "app",
  component: Frame,
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.ensureQueryData(sessionQuery);
    } catch (failure) {
      const { status, problem } = asApiError(failure);
      if (status !== 401) throw failure;
      if (problem.setup_needed) throw redirect({ to: "/set-up" });
      throw redirect({ to: "/sign-in", search: { next: location.href } });
    }
  },
});

const home = createRoute({
  getParentRoute: () => app,
  path: "/",
  component: lazyRouteComponent(() => import("./pages/home/Home.tsx"), "Home"),
});

const install = createRoute({
  getParentRoute: () => app,
  path: "/install",
  validateSearch: (search: Search): { source?: string; tab?: string } => ({
    source: textOf(search, "source"),
    tab: textOf(search, "tab"),
  }),
  component: lazyRouteComponent(() => import("./pages/install/Install.tsx"), "Install"),
});

const events = createRoute({
  getParentRoute: () => app,
  path: "/events",
  validateSearch: (
    search: Search,
  ): {
    tab?: "rejected";
    name?: string;
    source?: string;
    person?: string;
    open?: string;
    state?: "redriven" | "all";
  } => ({
    tab: oneOf(search, "tab", ["rejected"]),
    name: textOf(search, "name"),
    source: textOf(search, "source"),
    person: textOf(search, "person"),
    open: textOf(search, "open"),
    state: oneOf(search, "state", ["redriven", "all"]),
  }),
  component: lazyRouteComponent(() => import("./pages/events/Events.tsx"), "Events"),
});

const withText = (search: Search): { q?: string } => ({ q: textOf(search, "q") });

const persons = createRoute({
  getParentRoute: () => app,
  path: "/profiles",
  validateSearch: withText,
  component: lazyRouteComponent(() => import("./pages/persons/Persons.tsx"), "Persons"),
});

const person = createRoute({
  getParentRoute: () => app,
  path: "/profiles/$personId",
  validateSearch: (
    search: Search,
  ): {
    tab?: "decisions" | "identity" | "attributes";
    as?: "strict" | "loose";
    explain?: string;
  } => ({
    tab: oneOf(search, "tab", ["decisions", "identity", "attributes"]),
    as: oneOf(search, "as", ["strict", "loose"]),
    explain: typeof search.explain === "string" ? search.explain : undefined,
  }),
  component: lazyRouteComponent(() => import("./pages/persons/Profile.tsx"), "Profile"),
});

const audiences = createRoute({
  getParentRoute: () => app,
  path: "/audiences",
  validateSearch: withText,
  component: lazyRouteComponent(() => import("./pages/audiences/Audiences.tsx"), "Audiences"),
});

const audience = createRoute({
  getParentRoute: () => app,
  path: "/audiences/$id",
  validateSearch: (search: Search): { range?: "24h" | "30d" } => ({
    range: oneOf(search, "range", ["24h", "30d"]),
  }),
  component: lazyRouteComponent(() => import("./pages/audiences/Audience.tsx"), "Audience"),
});

const audienceNew = createRoute({
  getParentRoute: () => app,
  path: "/audiences/new",
  component: lazyRouteComponent(() => import("./pages/audiences/AudienceEditor.tsx"), "AudienceNew"),
});

const audienceEdit = createRoute({
  getParentRoute: () => app,
  path: "/audiences/$id/edit",
  component: lazyRouteComponent(
    () => import("./pages/audiences/AudienceEditor.tsx"),
    "AudienceEditor",
  ),
});

const features = createRoute({
  getParentRoute: () => app,
  path: "/features",
  validateSearch: withText,
  component: lazyRouteComponent(() => import("./pages/features/Features.tsx"), "Features"),
});

const feature = createRoute({
  getParentRoute: () => app,
  path: "/features/$id",
  component: lazyRouteComponent(() => import("./pages/features/Feature.tsx"), "Feature"),
});

const identityQuality = createRoute({
  getParentRoute: () => app,
  path: "/identity",
  validateSearch: (search: Search): { show?: "people" | "values" | "large" } => ({
    show: oneOf(search, "show", ["people", "values", "large"]),
  }),
  component: lazyRouteComponent(() => import("./pages/identity/Quality.tsx"), "Quality"),
});

const identityReviews = createRoute({
  getParentRoute: () => app,
  path: "/identity-reviews",
  validateSearch: (search: Search): { pair?: string } => ({ pair: textOf(search, "pair") }),
  component: lazyRouteComponent(() => import("./pages/identity/Reviews.tsx"), "Reviews"),
});

const identityRules = createRoute({
  getParentRoute: () => app,
  path: "/identity-rules",
  component: lazyRouteComponent(() => import("./pages/identity/Rules.tsx"), "Rules"),
});

const catalog = createRoute({
  getParentRoute: () => app,
  path: "/catalog",
  validateSearch: (search: Search): { q?: string; item?: string; add?: "item" } => ({
    ...withText(search),
    item: textOf(search, "item"),
    add: oneOf(search, "add", ["item"]),
  }),
  component: lazyRouteComponent(() => import("./pages/catalog/Catalog.tsx"), "Catalog"),
});

const catalogImport = createRoute({
  getParentRoute: () => app,
  path: "/catalog/import",
  component: lazyRouteComponent(() => import("./pages/catalog/Import.tsx"), "Import"),
});

const placements = createRoute({
  getParentRoute: () => app,
  path: "/placements",
  validateSearch: withText,
  component: lazyRouteComponent(() => import("./pages/definitions/Placements.tsx"), "Placements"),
});

const asPerson = (search: Search): { as?: string } => ({ as: textOf(search, "as") });

const placement = createRoute({
  getParentRoute: () => app,
  path: "/placements/$id",
  validateSearch: (search: Search): { as?: string; tab?: "policies" } => ({
    ...asPerson(search),
    tab: oneOf(search, "tab", ["policies"]),
  }),
  component: lazyRouteComponent(() => import("./pages/definitions/Placement.tsx"), "Placement"),
});

const offers = createRoute({
  getParentRoute: () => app,
  path: "/offers",
  validateSearch: withText,
  component: lazyRouteComponent(() => import("./pages/definitions/Offers.tsx"), "Offers"),
});

const offer = createRoute({
  getParentRoute: () => app,
  path: "/offers/$id",
  validateSearch: asPerson,
  component: lazyRouteComponent(() => import("./pages/definitions/Offer.tsx"), "Offer"),
});

const recipes = createRoute({
  getParentRoute: () => app,
  path: "/recipes",
  validateSearch: withText,
  component: lazyRouteComponent(() => import("./pages/recipes/Recipes.tsx"), "Recipes"),
});

export interface RecipeSearch {
  tab?: "edit" | undefined;
  as?: string | undefined;
  /** What the recommendation is about: an item, items in the cart, or a category. */
  item?: string | undefined;
  cart?: string | undefined;
  category?: string | undefined;
}

const recipe = createRoute({
  getParentRoute: () => app,
  path: "/recipes/$id",
  validateSearch: (search: Search): RecipeSearch => ({
    tab: oneOf(search, "tab", ["edit"]),
    as: textOf(search, "as"),
    item: textOf(search, "item"),
    cart: textOf(search, "cart"),
    category: textOf(search, "category"),
  }),
  component: lazyRouteComponent(() => import("./pages/recipes/Recipe.tsx"), "Recipe"),
});

const models = createRoute({
  getParentRoute: () => app,
  path: "/models",
  component: lazyRouteComponent(() => import("./pages/recipes/Models.tsx"), "Models"),
});

const decisions = createRoute({
  getParentRoute: () => app,
  path: "/decisions",
  validateSearch: (search: Search): { placement?: string; person?: string; until?: string } => ({
    placement: textOf(search, "placement"),
    person: textOf(search, "person"),
    until: textOf(search, "until"),
  }),
  component: lazyRouteComponent(() => import("./pages/decisions/Decisions.tsx"), "Decisions"),
});

const decision = createRoute({
  getParentRoute: () => app,
  path: "/decisions/$id",
  component: lazyRouteComponent(() => import("./pages/decisions/Decision.tsx"), "Decision"),
});

const sources = createRoute({
  getParentRoute: () => app,
  path: "/sources",
  component: lazyRouteComponent(() => import("./pages/sources/Sources.tsx"), "Sources"),
});

const source = createRoute({
  getParentRoute: () => app,
  path: "/sources/$id",
  component: lazyRouteComponent(() => import("./pages/sources/Source.tsx"), "Source"),
});

const webhooks = createRoute({
  getParentRoute: () => app,
  path: "/webhooks",
  component: lazyRouteComponent(() => import("./pages/webhooks/Webhooks.tsx"), "Webhooks"),
});

const webhook = createRoute({
  getParentRoute: () => app,
  path: "/webhooks/$id",
  validateSearch: (search: Search): { show?: "delivered" | "waiting" | "dead" } => ({
    show: oneOf(search, "show", ["delivered", "waiting", "dead"]),
  }),
  component: lazyRouteComponent(() => import("./pages/webhooks/Webhook.tsx"), "Webhook"),
});

const settings = createRoute({
  getParentRoute: () => app,
  path: "/settings",
  component: lazyRouteComponent(() => import("./pages/settings/Settings.tsx"), "Settings"),
});

const unknown = createRoute({ getParentRoute: () => app, path: "$", component: NotFound });

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    setUp,
    app.addChildren([
      home,
      install,
      events,
      persons,
      person,
      audiences,
      audience,
      audienceNew,
      audienceEdit,
      features,
      feature,
      identityQuality,
      identityReviews,
      identityRules,
      catalog,
      catalogImport,
      placements,
      placement,
      offers,
      offer,
      recipes,
      recipe,
      models,
      decisions,
      decision,
      sources,
      source,
      webhooks,
      webhook,
      settings,
      unknown,
    ]),
  ]),
  basepath: "/console",
  parseSearch,
  stringifySearch,
  defaultErrorComponent: Broken,
  defaultPreload: "intent",
  scrollRestoration: true,
});

whenSessionEnds(() => {
  const next = router.state.location.href;
  void router.navigate({ to: "/sign-in", search: { next } });
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
