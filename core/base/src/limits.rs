//! Every limit of the system, in one place, with its unit in the name.
//!
//! A limit on a person's state keeps the fold a sum: what is dropped beyond it never depends on
//! the order of arrival (see `kith-profile`).

/// Largest accepted request body on the wire, before inflating.
pub const BODY_SIZE_MAX_BYTES: usize = 8 * 1024 * 1024;
/// Largest request body after inflating.
pub const BODY_INFLATED_MAX_BYTES: usize = 32 * 1024 * 1024;
/// Largest single event; the clients in the field cut at the same size.
pub const EVENT_SIZE_MAX_BYTES: usize = 32 * 1024;
/// Most events in one request.
pub const BATCH_EVENTS_MAX: usize = 10_000;
/// Deepest nesting of a JSON document.
pub const JSON_DEPTH_MAX: usize = 64;
/// Longest event name, in characters.
pub const EVENT_NAME_MAX_CHARS: usize = 200;
/// Longest message id, in characters.
pub const MESSAGE_ID_MAX_CHARS: usize = 100;
/// Longest identifier value, in characters.
pub const IDENTIFIER_MAX_CHARS: usize = 256;
/// Most identifiers one event may carry.
pub const IDENTIFIERS_PER_EVENT_MAX: usize = 16;
/// Most products read of one event, such as the lines of an order; the event keeps them all.
pub const PRODUCTS_PER_EVENT_MAX: usize = 100;
/// How long a message id is remembered, in days.
pub const DEDUPLICATION_DAYS: i64 = 30;
/// Rows of one table looked at in one sweep of what is old: few enough not to hold up the fold.
pub const SWEEP_ROWS_MAX: usize = 2_048;
/// How much of a refused event is kept for re-driving.
pub const REJECTED_RAW_MAX_BYTES: usize = 64 * 1024;

/// Most nodes in one connected component of the identity graph that are considered together.
pub const COMPONENT_NODES_MAX: usize = 1_000;
/// Most others of which an operator may say that an identifier is one person with them, or not.
pub const VERDICTS_PER_NODE_MAX: usize = 1_000;
/// Persons, and identifiers of each, in one example of what other identity rules would make.
pub const REGROUPED_SHOWN_MAX: usize = 10;
/// Most pairs of one verdict.
pub const VERDICT_PAIRS_MAX: usize = 1_000;
/// Most domains that identity rules may name as providers of mail.
pub const MAIL_PROVIDERS_MAX: usize = 1_000;
/// Most networks that identity rules may give to accounts.
pub const ACCOUNT_NETWORKS_MAX: usize = 1_000;
/// Most identifiers with which one identifier may be linked as probably the same person.
pub const PROBABLE_PER_NODE_MAX: usize = 64;
/// Most probable links of one record.
pub const PROBABLE_PER_RECORD_MAX: usize = 1_000;
/// Most reasons kept with a probable link.
pub const PROBABLE_REASONS_MAX: usize = 12;
/// Most persons that a merge policy takes for one; with more, links count for none of them.
pub const LINKED_PERSONS_MAX: usize = 16;
/// Most probable links that are looked through for those to be reviewed.
pub const REVIEW_ROWS_MAX: usize = 20_000;
/// Days for which merges, splits and what was learned of identifiers are listed.
pub const IDENTITY_CHANGES_DAYS: i64 = 400;
/// Most distinct unique ids that rules may let a non-unique identifier meet before it is generic:
/// a kiosk, a call centre, a placeholder value.
pub const GENERIC_AFTER_MAX: i64 = 500;

/// Most traits kept per node.
pub const TRAITS_PER_NODE_MAX: usize = 256;
/// Longest trait value, as JSON text.
pub const TRAIT_SIZE_MAX_BYTES: usize = 4 * 1024;
/// Most event names counted per node.
pub const COUNTERS_PER_NODE_MAX: usize = 128;
/// Most keys per affinity dimension and node.
pub const AFFINITY_KEYS_PER_NODE_MAX: usize = 256;
/// Most items remembered per kind of touch (viewed, carted, bought) and node.
pub const RECENT_ITEMS_PER_NODE_MAX: usize = 50;
/// Most consent categories per node.
pub const CONSENTS_PER_NODE_MAX: usize = 32;

/// Most accounts one node belongs to, and so one person.
pub const ACCOUNTS_PER_NODE_MAX: usize = 32;
/// Most traits kept per account.
pub const TRAITS_PER_ACCOUNT_MAX: usize = 256;

/// Different seconds per day and series (events of one filter) before they share an entry: two
/// to four bytes each, 4 kB for the busiest day.
pub const SERIES_SECONDS_PER_DAY_MAX: usize = 1_024;
/// Days on which somebody was active, kept for a series that counts them: the newest.
pub const SERIES_ACTIVE_DAYS_MAX: usize = 2_048;
/// Different values of a property per series, lifetime; beyond it they are a sample.
pub const SERIES_KEYS_LIFETIME_MAX: usize = 512;
/// Different values of a property per series and day.
pub const SERIES_KEYS_PER_DAY_MAX: usize = 64;
/// Most values that `top` gives.
pub const TOP_MAX: u8 = 20;
/// Keys that are shown of a number kept by key, those with the greatest numbers; a rule may ask
/// for any other.
pub const KEYS_SHOWN_MAX: usize = 50;
/// Different seconds per value and day.
pub const SERIES_KEY_SECONDS_PER_DAY_MAX: usize = 32;
/// Different keys of a defined affinity per node; beyond it they are a sample, each complete, and
/// shares still count all.
pub const AFFINITY_FEATURE_KEYS_MAX: usize = 256;
/// Different keys of a defined affinity whose base rate is kept for the whole site.
pub const AFFINITY_SITE_KEYS_MAX: usize = 16_384;
/// Keywords taken from the text of one item.
pub const AFFINITY_KEYWORDS_PER_ITEM_MAX: usize = 16;
/// Longest key of an affinity, in characters; a longer one loses its end.
pub const AFFINITY_KEY_MAX_CHARS: usize = 120;
/// Most events an affinity gives a weight.
pub const AFFINITY_EVENTS_MAX: usize = 20;
/// Most bounds between price bands.
pub const AFFINITY_BOUNDS_MAX: usize = 20;
/// Longest half-life and repurchase interval of an affinity, in days.
pub const AFFINITY_DAYS_MAX: i64 = 3_650;
/// Greatest weight of one event in an affinity.
pub const AFFINITY_WEIGHT_MAX: i64 = 1_000;
/// Longest value of a property that is kept, as JSON text, in characters; longer text is cut,
/// and still counts as different.
pub const SERIES_KEY_MAX_CHARS: usize = 120;
/// Most values of a property taken from one event.
pub const SERIES_KEYS_PER_EVENT_MAX: usize = 100;
/// Longest name of a time zone.
pub const ZONE_NAME_MAX_BYTES: usize = 64;

/// Most partners counted per item for "also viewed".
pub const ALSO_VIEWED_PARTNERS_MAX: usize = 64;
/// How many earlier views one view is paired with. Each pair writes two rows: a third one cost
/// 3 µs an event, a tenth of applying it.
pub const ALSO_VIEWED_PAIRS_PER_VIEW_MAX: usize = 2;
/// Largest catalog item, as JSON text.
pub const ITEM_SIZE_MAX_BYTES: usize = 16 * 1024;
/// Most catalog items looked at for one page of a search.
pub const SEARCH_ITEMS_MAX: usize = 20_000;
/// Most catalog items in one request.
pub const ITEMS_PER_REQUEST_MAX: usize = 10_000;

/// Most placements in one decide call.
pub const PLACEMENTS_PER_DECIDE_MAX: usize = 50;
/// Most choices one placement may show.
pub const CHOICES_PER_PLACEMENT_MAX: usize = 50;
/// Most offers considered for one placement: as many as there may be.
pub const OFFERS_PER_PLACEMENT_MAX: usize = DEFINITIONS_PER_KIND_MAX;
/// Greatest value, figure, stock or budget of an offer.
pub const OFFER_NUMBER_MAX: i64 = 1_000_000_000;
/// Weights by context, and figures of one offer.
pub const OFFER_PARTS_MAX: usize = 20;
/// Days that a person keeps a granted offer, and over which grants are counted.
pub const OFFER_DAYS_MAX: i64 = 3_650;
/// Levers of one placement.
pub const PLACEMENT_LEVERS_MAX: usize = 1_000;
/// Floors of one placement.
pub const PLACEMENT_FLOORS_MAX: usize = 20;
/// Longest time after a decision within which a reward counts, in days.
pub const LEARNING_WINDOW_DAYS_MAX: i64 = 90;
/// The same, of a window given in minutes: a day.
pub const LEARNING_WINDOW_MINUTES_MAX: i64 = 1_440;
/// Facts that one placement learns from.
pub const LEARNING_FEATURES_MAX: usize = 20;
/// Identifiers of one person that are kept with a decision, so that its reward is found.
pub const LEARNING_NODES_MAX: usize = 16;
/// Rewards that are remembered, to leave out what was sent twice.
pub const LEARNING_SEEN_MAX: usize = 50_000;
/// Largest file of what policies learned.
pub const LEARNING_CHECKPOINT_MAX_BYTES: u64 = 1024 * 1024 * 1024;
/// Placements that fall back on one another in a row.
pub const FALLBACKS_MAX: usize = 5;
/// Times one call asks for grants before it goes without.
pub const GRANT_ROUNDS_MAX: usize = 8;
/// Grants of one person that are looked at, the latest first.
pub const GRANTS_PER_NODE_MAX: usize = 1_000;
/// Characters of a coupon code.
pub const COUPON_MAX_CHARS: usize = 64;
/// Coupon codes in one request.
pub const COUPONS_PER_REQUEST_MAX: usize = 10_000;
/// Most losers kept in a decision record.
pub const LOSERS_PER_DECISION_MAX: usize = 100;
/// Most items looked at after a placement is full, to show what came close.
pub const RUNNERS_UP_PER_DECISION_MAX: usize = 10;

/// Longest rule text, in bytes.
pub const RULE_SIZE_MAX_BYTES: usize = 8 * 1024;
/// Deepest nesting of a rule.
pub const RULE_DEPTH_MAX: usize = 32;
/// Most nodes in a compiled rule.
pub const RULE_NODES_MAX: usize = 1_000;
/// Most aggregates and sequences in a rule.
pub const RULE_AGGREGATES_MAX: usize = 50;
/// Most steps of a sequence.
pub const SEQUENCE_STEPS_MAX: usize = 5;
/// Longest window of an aggregate or a sequence, in days.
pub const WINDOW_DAYS_MAX: i64 = 400;
/// Most instants looked at to find when a test's answer changes by itself.
pub const RULE_CHANGE_STEPS_MAX: usize = 64;

/// Seconds by which the latest instant that a record told may be ahead of the machine's clock, and
/// nothing is said.
pub const CLOCK_AHEAD_MAX_S: i64 = 300;
/// Most timers that fire in one tick, and persons of accounts that are looked at again.
pub const TIMERS_PER_TICK_MAX: usize = 2_000;
/// Most instants of one person settled at once; the rest follow in the next tick.
pub const TIMER_STEPS_PER_PERSON_MAX: usize = 64;
/// Texts looked for in a stored event before it is read; with more, each is read.
pub const PASSED_BY_TEXTS_MAX: usize = 16;
/// Persons, or nodes of persons, looked at in one step of finding an audience's members.
pub const PERSONS_PER_STEP_MAX: usize = 2_000;
/// Persons of one account looked at again before the next one has its turn.
pub const ACCOUNT_PERSONS_PER_TURN_MAX: usize = 200;
/// How long entries into audiences and exits are listed, in days. Webhooks are told all.
pub const MEMBERSHIP_CHANGES_DAYS: i64 = 90;
/// Most members put on a list, or taken off it, in one request.
pub const MEMBERS_PER_REQUEST_MAX: usize = 10_000;

/// Largest definition document, as JSON text.
pub const DEFINITION_SIZE_MAX_BYTES: usize = 256 * 1024;
/// Most live definitions of one kind.
pub const DEFINITIONS_PER_KIND_MAX: usize = 10_000;
/// Most definitions of one record of the log.
pub const DEFINITIONS_PER_RECORD_MAX: usize = 1_000;
/// Changes of definitions made together.
pub const DEFINITIONS_PER_PLAN_MAX: usize = 10_000;
/// Longest name of a definition, in characters.
pub const DEFINITION_NAME_MAX_CHARS: usize = 200;
/// Longest id of a definition, in characters.
pub const DEFINITION_ID_MAX_CHARS: usize = 64;
/// Longest plain text member of a definition, in characters.
pub const DEFINITION_TEXT_MAX_CHARS: usize = 2_000;
/// Largest content of an offer or a fallback, as JSON text.
pub const CONTENT_SIZE_MAX_BYTES: usize = 64 * 1024;
/// Largest template of a tag placement, in characters.
pub const TAG_TEMPLATE_MAX_CHARS: usize = 16 * 1024;
/// Most origins, link domains or tag placements of one source.
pub const SOURCE_LIST_MAX: usize = 100;
/// Most write keys of one source.
pub const KEYS_PER_SOURCE_MAX: usize = 20;
/// Most identifier namespaces.
pub const NAMESPACES_MAX: usize = 32;
/// Most blocked identifier values.
pub const BLOCKED_VALUES_MAX: usize = 1_000;
/// Longest address of a webhook, in characters.
pub const WEBHOOK_URL_MAX_CHARS: usize = 2_048;
/// Most audiences one webhook is told about.
pub const AUDIENCES_PER_WEBHOOK_MAX: usize = 100;
/// Most computed traits whose changes one webhook is told of.
pub const TRAIT_CHANGES_PER_WEBHOOK_MAX: usize = 20;
/// Least time between two notices of one computed trait of one person, in seconds: what changes
/// more often is told together.
pub const TRAIT_NOTICE_INTERVAL_S: i64 = 60;
/// Most traits one delivery carries.
pub const TRAITS_PER_WEBHOOK_MAX: usize = 100;
/// Most secrets of one webhook that sign side by side.
pub const SECRETS_PER_WEBHOOK_MAX: usize = 5;
/// Deliveries of one webhook that wait to be tried again; while so many do, nothing new is tried,
/// and what is new waits in the list of membership changes.
pub const WEBHOOK_RETRIES_MAX: usize = 1_000;
/// Deliveries of one webhook that were made, kept to be looked at: the newest.
pub const WEBHOOK_DELIVERED_MAX: usize = 1_000;
/// Dead letters of one webhook; beyond it the oldest is dropped.
pub const WEBHOOK_DEAD_MAX: usize = 1_000;
/// Attempts of one delivery that are kept: the newest.
pub const WEBHOOK_ATTEMPTS_KEPT_MAX: usize = 20;
/// Deliveries to one webhook under way at one time.
pub const WEBHOOK_PARALLEL_MAX: usize = 8;
/// Much of an endpoint's answer that is read and kept, in bytes.
pub const WEBHOOK_ANSWER_MAX_BYTES: usize = 1_024;
/// Most traits that become columns of one export when all are asked for.
pub const EXPORT_TRAITS_MAX: usize = 500;
/// Exports under way at one time; each holds a snapshot of the state.
pub const EXPORTS_AT_ONCE_MAX: usize = 2;
/// Largest weight of an ingredient and factor of a boost of a recipe.
pub const RECIPE_WEIGHT_MAX: i64 = 1_000;
/// Most boosts of one recipe.
pub const RECIPE_BOOSTS_MAX: usize = 20;
/// Items that one ingredient of a recipe may name for one decision.
pub const RECIPE_FOUND_MAX: usize = 200;
/// Items beyond those shown that the choice of a recipe is made among.
pub const RECIPE_SPARE_MAX: usize = 50;
/// Items beyond those shown that a recipe looks at when it takes the best without more ado.
pub const RECIPE_RUNNERS_UP_MAX: usize = 10;
/// Items that a recipe left out and that a decision tells of.
pub const RECIPE_LEFT_OUT_MAX: usize = 50;
/// Items that one recipe looks up in the catalog and asks its rules of, the best found.
pub const RECIPE_LOOKED_AT_MAX: usize = 200;
/// Items that one call may ask to be put in order.
pub const RERANK_ITEMS_MAX: usize = 500;
/// Most catalog attributes.
pub const CATALOG_ATTRIBUTES_MAX: usize = 100;

/// Most records in one group commit.
pub const COMMIT_RECORDS_MAX: usize = 4_096;
/// Most records waiting for the log; beyond it collect answers 429.
pub const APPEND_QUEUE_RECORDS_MAX: usize = 65_536;
/// Most stored bytes of records on their way from the log to the fold; what comes beyond is read
/// back from the log.
pub const APPLY_QUEUE_MAX_BYTES: usize = 16 * 1024 * 1024;
/// Page size of a listing when none is asked, and the largest one may ask.
pub const PAGE_DEFAULT: usize = 50;
/// Largest page of a listing.
pub const PAGE_MAX: usize = 1_000;

/// Longest value of a record that is matched, in characters; a longer one loses its end.
pub const MATCH_VALUE_MAX_CHARS: usize = 256;
/// Most fields of a record that are compared; columns beyond them are left out.
pub const MATCH_FIELDS_MAX: usize = 26;
/// Most known records that share a key with a record that is asked about and are looked at.
pub const MATCH_CANDIDATES_MAX: usize = 400;
/// Most of them that are compared: those that share most.
pub const MATCH_COMPARED_MAX: usize = 40;
/// Most columns of one file of records.
pub const MATCH_COLUMNS_MAX: usize = 256;
/// Most files matched at once.
pub const MATCH_FILES_MAX: usize = 256;

/// Most different items that recommenders learn from; events of further ones are left out.
pub const LEARN_ITEMS_MAX: usize = 1_000_000;
/// Most different users that recommenders learn from.
pub const LEARN_USERS_MAX: usize = 20_000_000;
/// Most events held at once for training.
pub const LEARN_EVENTS_MAX: usize = 100_000_000;
/// Longest id of a user or item in a file to learn from, in bytes.
pub const LEARN_ID_MAX_BYTES: usize = 256;
/// Items of one user that count for pairs of items, the newest: pairs grow with its square.
pub const LEARN_HISTORY_ITEMS_MAX: usize = 5_000;
/// Events after a touch within which another counts as having followed it.
pub const LEARN_FOLLOWING_STEPS_MAX: usize = 10;
/// Other items kept for an item in the served form of a model.
pub const LEARN_ROW_ITEMS_MAX: usize = 200;
/// Most items of a dense linear model: its matrix has their square in entries.
pub const LEARN_LINEAR_ITEMS_MAX: usize = 20_000;
/// Items up to which a dense linear model is solved in double precision.
pub const LEARN_LINEAR_DOUBLE_ITEMS_MAX: usize = 4_096;
/// Items up to which the choice of a bench tries dense linear models, one after the other.
pub const LEARN_LINEAR_TRIED_ITEMS_MAX: usize = 6_000;
/// Multiplications spent on trying settings in one training of a running server: about half a
/// minute of one core. One dense linear model costs the cube of its items.
pub const LEARN_CHOICE_OPERATIONS_MAX: u64 = 400_000_000_000;
/// Most users whose left-out items a choice between models is judged by.
pub const LEARN_JUDGED_USERS_MAX: usize = 6_000;
/// Most scores held at once while weights of a blend are tried.
pub const LEARN_BLEND_SCORES_MAX: usize = 16_000_000;
/// Most parts of a blend.
pub const LEARN_BLEND_PARTS_MAX: usize = 8;
/// Items that factors score at most: those with the longest vectors.
pub const LEARN_CANDIDATES_MAX: usize = 20_000;
/// Tables of scores that are kept for the next answer; one for each that is made at once.
pub const LEARN_SCORES_POOLED_MAX: usize = 8;
/// Pairs of items counted as they come; beyond it every item forgets the weaker half of its own.
pub const LEARN_PAIRS_MAX: usize = 20_000_000;
/// Users whose latest items are held to count pairs as they come; the longest silent one goes.
pub const LEARN_RECENT_USERS_MAX: usize = 1_000_000;
/// Latest items of a user held to count pairs as they come.
pub const LEARN_RECENT_ITEMS_MAX: usize = 20;
/// Sessions whose items are remembered to find neighbours of a session; the oldest goes.
pub const LEARN_SESSIONS_MAX: usize = 500_000;
/// Items of one session that are remembered.
pub const LEARN_SESSION_ITEMS_MAX: usize = 100;
/// Newest sessions remembered for one item.
pub const LEARN_SESSIONS_PER_ITEM_MAX: usize = 5_000;
/// Words and attributes of one item that content similarity looks at.
pub const LEARN_TERMS_PER_ITEM_MAX: usize = 500;
/// Items with a term beyond which it says nothing about what they have in common.
pub const LEARN_ITEMS_PER_TERM_MAX: usize = 20_000;
/// Baskets of one user that reordering learns from, the newest.
pub const LEARN_BASKETS_MAX: usize = 500;
/// Largest stored model.
pub const LEARN_MODEL_MAX_BYTES: usize = 2 * 1024 * 1024 * 1024;
/// Different categories and brands whose items recommenders remember.
pub const LEARN_GROUPS_MAX: usize = 20_000;
/// Items remembered of one category or brand.
pub const LEARN_GROUP_ITEMS_MAX: usize = 2_000;
/// Persons of whom the last new item is hidden to see whether a recipe finds it.
pub const RECIPE_JUDGED_PERSONS_MAX: usize = 1_000;
/// Persons looked at to find them.
pub const RECIPE_LOOKED_AT_PERSONS_MAX: usize = 20_000;
/// Events of one of them that are read again: the newest.
pub const RECIPE_JUDGED_EVENTS_MAX: usize = 200;
/// Records of the log that models are made from again to judge recipes: the newest.
pub const RECIPE_JUDGED_RECORDS_MAX: u64 = 2_000_000;
/// Recipes judged in one go; the others wait for the next.
pub const RECIPES_JUDGED_MAX: usize = 20;
/// Decisions with items whose clicks and purchases are awaited; the oldest are forgotten first.
pub const RECIPE_OPEN_MAX: usize = 200_000;
/// Days that a report on a recipe tells one by one: the latest.
pub const RECIPE_DAYS_MAX: usize = 90;
/// Recipes whose decisions are counted.
pub const RECIPE_REPORTS_MAX: usize = 1_000;
/// Different items shown that are counted exactly, per recipe.
pub const RECIPE_SHOWN_ITEMS_MAX: usize = 100_000;
/// Most items asked for at once.
pub const LEARN_CHOSEN_MAX: usize = 1_000;
/// Addresses kept per anonymous visitor id: the newest.
pub const VISITOR_PLACES_MAX: usize = 16;
/// Different items kept per anonymous visitor id: the newest.
pub const VISITOR_ITEMS_MAX: usize = 96;
/// Later ids remembered as linked to one anonymous visitor id: the newest.
pub const VISITOR_FOLLOWERS_MAX: usize = 8;
/// Visitor ids counted per address or network: the newest.
pub const VISITOR_IDS_PER_ADDRESS_MAX: usize = 64;
/// New visitor ids whose candidates wait for a log-in to confirm or refute them: the newest.
pub const VISITOR_PENDING_MAX: usize = 4_096;
/// Visitor ids with a log-in that a model of anonymous visitors is trained on: the newest.
pub const VISITOR_EXAMPLES_MAX: usize = 8_192;
/// Visitor ids whose items topics are found from: the newest.
pub const VISITOR_TOPIC_IDS_MAX: usize = 32_768;
/// Anonymous visitor ids kept; beyond it the one longest not seen is dropped.
pub const VISITORS_MAX: usize = 1_000_000;
/// Returning visitors that likeness is learned from: the newest.
pub const VISITOR_RETURNING_MAX: usize = 1_500;
/// Ids of one chain whose tastes and hours count together.
pub const VISITOR_CHAIN_MAX: usize = 8;
/// Keys under which anonymous visitors are found again, and addresses whose ids are counted;
/// beyond it new ones are left out.
pub const VISITOR_KEYS_MAX: usize = 16_000_000;
/// Different values of devices, and different items, that are counted for a site.
pub const VISITOR_VALUES_MAX: usize = 1_000_000;
/// Visitor ids remembered as having refused.
pub const VISITOR_REFUSED_MAX: usize = 1_000_000;
/// Log-ins on one home's line beyond which it is no home.
pub const VISITOR_HOUSEHOLD_LOGINS_MAX: usize = 8;

/// Candidates of one logged decision that is evaluated.
pub const POLICY_CANDIDATES_MAX: usize = 10_000;
/// Records of the log read for one evaluation of a placement's policy: the newest.
pub const POLICY_RECORDS_MAX: u64 = 500_000;
/// Decisions evaluated at once, and their candidates together.
pub const POLICY_DECISIONS_MAX: usize = 100_000;
/// Candidates of all decisions evaluated at once.
pub const POLICY_ROWS_MAX: usize = 2_000_000;
/// Different sets of definitions compiled at once to rank past decisions again.
pub const RERANKED_PROJECTS_MAX: usize = 64;
/// Means of rewards kept for one evaluation of a policy; what comes beyond uses coarser ones.
pub const POLICY_CELLS_MAX: usize = 500_000;

/// Facts of one decision that a bandit learns from; more are left out, the last names first.
pub const BANDIT_FACTS_MAX: usize = 64;
/// Elements of one list among them.
pub const BANDIT_LIST_MAX: usize = 16;
/// Weights of one level of a bandit's model for one offer: facts share them by hash.
pub const BANDIT_BUCKETS: u16 = 1_024;
/// Offers that a placement that learns draws among: those that rank first.
pub const BANDIT_OFFERS_MAX: usize = 1_000;
/// Decisions of one bandit whose attribution window is open; of more nothing is learned.
pub const BANDIT_PENDING_MAX: usize = 200_000;
/// Decisions whose window closed that are remembered, to say that a reward came too late.
pub const BANDIT_CLOSED_MAX: usize = 20_000;
/// Different offers and placements that one bandit knows.
pub const BANDIT_NAMES_MAX: usize = 20_000;

/// Persons whose traits are compared in a running server; beyond it those with the greatest ids are
/// left out.
pub const LINKAGE_PERSONS_MAX: usize = 1_000_000;
/// Traits that are compared: those that most persons have.
pub const LINKAGE_COLUMNS_MAX: usize = 64;
/// Days of the log that sessions of visitors are made from after a start.
pub const LINKAGE_HISTORY_DAYS: i64 = 60;
/// Records of the log that they are made from after a start: the newest.
pub const LINKAGE_HISTORY_RECORDS_MAX: u64 = 10_000_000;
/// Sessions under way at one time; beyond it the one longest without an event ends.
pub const LINKAGE_SESSIONS_MAX: usize = 100_000;
/// Items kept of one session: the first.
pub const LINKAGE_SESSION_ITEMS_MAX: usize = 64;
/// Visitor ids whose last word on consent is remembered, as far back as the log is read.
pub const LINKAGE_CONSENTS_MAX: usize = 1_000_000;

/// Changes that are not saved and yet seen by links of preview; beyond it the oldest goes.
pub const PREVIEW_DRAFTS_MAX: usize = 20;
/// Longest address of a page that a link of preview is made for.
pub const PREVIEW_URL_MAX_BYTES: usize = 2_000;
/// Longest text of a link of preview that is looked at.
pub const PREVIEW_TOKEN_MAX_BYTES: usize = 2_048;
