/** The shop's one door to the tag: what it calls, and what it is told. */

import type { Account } from './account.ts';
import type { ShopEvent } from './events.ts';

export type Status = 'off' | 'loading' | 'ready' | 'failed';

export interface Choice {
  readonly kind: string;
  readonly id: string;
  readonly content: Readonly<Record<string, unknown>>;
  readonly reasons?: readonly string[];
  /** Of an offer that is theirs alone: the grant, with its code. */
  readonly granted?: Readonly<Record<string, unknown>>;
}

export interface Decision {
  readonly placement: string;
  readonly decision_id?: string;
  readonly choices: readonly Choice[];
  readonly fallback?: boolean;
}

export interface SentEvent {
  readonly messageId?: string;
  readonly type?: string;
  readonly event?: string;
  readonly name?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly timestamp?: string;
}

export interface Visitor {
  readonly anonymous_id: string;
  readonly user_id: string | null;
}

type Kith = (method: string, ...args: unknown[]) => unknown;

declare global {
  interface Window {
    kith?: Kith;
  }
}

const root = document.documentElement;

export function status(): Status {
  const value = root.dataset['kith'];
  return value === 'loading' || value === 'ready' || value === 'failed' ? value : 'off';
}

/** Tells of a tag that came up, or never will. */
export function onStatus(listener: () => void): void {
  root.addEventListener('kith-ready', listener);
  root.addEventListener('kith-failed', listener);
}

function call(method: string, ...args: unknown[]): unknown {
  return status() === 'off' ? undefined : window.kith?.(method, ...args);
}

export function track([name, properties]: ShopEvent): void {
  call('track', name, properties);
}

export function identify(account: Account): void {
  const { user_id, email, first_name } = account;
  call('identify', user_id, { email, ...(first_name !== null && { first_name }) });
}

/** A guest left an e-mail with an order: a trait of this visitor, not a log-in. */
export function identifyGuest(email: string, name: string): void {
  call('identify', { email, ...(name !== '' && { name }) });
}

export function reset(): void {
  call('reset');
}

export function consent(choice: Readonly<Record<string, boolean>>): void {
  call('consent', choice);
}

export function onEvent(listener: (event: SentEvent) => void): void {
  call('on', 'event', listener);
}

export function onDecision(listener: (decision: Decision) => void): void {
  call('on', 'decision', listener);
}

/** The key of this shop's source, as the server wrote it into the page. */
export function writeKey(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="kith-write-key"]')?.content ?? '';
}

/** Who this is, once the tag knows; never without a tag. */
export function known(): Promise<Visitor> {
  return new Promise((resolve) => {
    call('ready', ({ anonymous_id, user_id }: Visitor) => resolve({ anonymous_id, user_id }));
  });
}

/** A choice of a decision that the shop itself asked for was seen or followed. */
export function report(what: 'Viewed' | 'Clicked', decision: Decision, choice: Choice): void {
  const { decision_id, placement } = decision;
  const properties = { decision_id, placement, choice_id: choice.id, kind: choice.kind };
  call('track', `Decision ${what}`, properties);
}

/** Null while the tag is not there: the stub has no answers. */
export async function visitor(): Promise<Visitor | null> {
  if (status() !== 'ready') return null;
  const person = (await call('person')) as Partial<Visitor> | undefined;
  if (typeof person?.anonymous_id !== 'string') return null;
  return { anonymous_id: person.anonymous_id, user_id: person.user_id ?? null };
}
