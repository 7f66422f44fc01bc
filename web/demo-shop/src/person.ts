/** The profile as `/demo/profile` answers it, checked before anything is drawn from it. */

export interface Identifier {
  readonly namespace: string;
  readonly value: string;
  readonly event_count: number;
}

export interface Affinity {
  readonly value: string;
  /** 0 to 1. */
  readonly share: number;
}

export interface Person {
  readonly person_id: string;
  readonly display_name: string;
  readonly identifiers: readonly Identifier[];
  readonly traits: Readonly<Record<string, unknown>>;
  readonly features: Readonly<Record<string, unknown>>;
  readonly affinities: readonly { readonly attribute: string; readonly liked: readonly Affinity[] }[];
  readonly consents: readonly { readonly category: string; readonly granted: boolean; readonly at: string }[];
  readonly links: readonly string[];
  readonly first_seen_at: string;
  readonly last_seen_at: string;
  readonly event_count: number;
}

const LIKED_MAX = 5;

type Bag = Readonly<Record<string, unknown>>;

function bag(value: unknown): Bag {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Bag) : {};
}

function list(value: unknown): readonly Bag[] {
  return Array.isArray(value) ? value.map(bag) : [];
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function affinitiesOf(value: unknown): Person['affinities'] {
  return Object.entries(bag(value)).flatMap(([attribute, shares]) => {
    const liked = Object.entries(bag(shares))
      .flatMap(([name, share]) => (typeof share === 'number' && share > 0 ? [{ value: name, share: Math.min(share, 1) }] : []))
      .sort((a, b) => b.share - a.share || a.value.localeCompare(b.value))
      .slice(0, LIKED_MAX);
    return liked.length === 0 ? [] : [{ attribute, liked }];
  });
}

/** Null when it is not a person at all; a missing part is an empty part. */
export function parsePerson(given: unknown): Person | null {
  const person = bag(given);
  if (typeof person['person_id'] !== 'string') return null;
  return {
    person_id: person['person_id'],
    display_name: text(person['display_name']),
    identifiers: list(person['identifiers']).map(({ namespace, value, event_count }) => ({
      namespace: text(namespace),
      value: text(value),
      event_count: typeof event_count === 'number' ? event_count : 0,
    })),
    traits: bag(person['traits']),
    features: bag(person['features']),
    affinities: affinitiesOf(person['affinities']),
    consents: Object.entries(bag(person['consents'])).map(([category, held]) => ({
      category,
      granted: bag(held)['granted'] === true,
      at: text(bag(held)['at']),
    })),
    links: list(person['links']).flatMap(({ reason, state }) =>
      state !== 'refused' && typeof reason === 'string' ? [reason] : [],
    ),
    first_seen_at: text(person['first_seen_at']),
    last_seen_at: text(person['last_seen_at']),
    event_count: typeof person['event_count'] === 'number' ? person['event_count'] : 0,
  };
}
