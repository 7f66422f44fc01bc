/** The inside of the drawer, as HTML from values: nothing here asks or listens. */

import { ago, label, value } from './format.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import type { Choice, Decision, SentEvent, Visitor } from './kith.ts';
import type { Person } from './person.ts';
import { links } from './router.ts';

export type Answer =
  | { readonly is: 'off' | 'failed' | 'waiting' | 'unknown' }
  | { readonly is: 'no-consent'; readonly asked: boolean }
  | { readonly is: 'error'; readonly status: number }
  | { readonly is: 'known'; readonly person: Person; readonly visitor: Visitor };

const EVENTS_SHOWN = 12;

function says(title: string, text: string, action: Html | false = false): Html {
  return html`<div class="card-note"><p class="card-note__title">${title}</p><p>${text}</p>${action}</div>`;
}

function summary(answer: Answer): Html {
  const consentButton = html`<button type="button" class="button button--quiet" data-consent>Change my consent</button>`;
  switch (answer.is) {
    case 'off':
      return says('This shop runs without Kith', 'The server put no write key into the page, so nobody is asked and nothing is known.');
    case 'failed':
      return says('Kith’s tag could not be loaded', 'A blocker or a stopped server. Nothing is recorded on this page.');
    case 'waiting':
      return says('One moment', 'Kith’s tag is still starting.');
    case 'no-consent':
      return says(
        'Nothing',
        answer.asked
          ? 'You allowed neither analytics nor personalisation. There is no number for this browser, so there is no profile.'
          : 'You have not been asked yet, or not answered. Until you do, events wait in this page’s memory, and no id is stored.',
        consentButton,
      );
    case 'unknown':
      return says('Not yet', 'Kith has no events of this browser so far. Look at something and ask again.');
    case 'error':
      return says(
        'No answer',
        `Kith did not give out the profile${answer.status === 0 ? '' : ` (status ${answer.status})`}. Is the server still running?`,
      );
    case 'known':
      return personHtml(answer.person, answer.visitor);
  }
}

function personHtml(person: Person, visitor: Visitor): Html {
  const known = visitor.user_id !== null || person.identifiers.some(({ namespace }) => namespace === 'user_id');
  return html`
    <div class="who">
      <p class="who__name">${person.display_name || 'Unknown visitor'}</p>
      <p class="who__state"><span class="pill ${known ? 'pill--good' : ''}">${known ? 'known customer' : 'anonymous'}</span>
        ${person.event_count} events, first ${ago(person.first_seen_at, Date.now())}</p>
    </div>`;
}

function section(id: string, title: string, content: Html | false): Html | false {
  return content === false ? false : html`<section class="know" id="${id}"><h3>${title}</h3>${content}</section>`;
}

function titleOf(choice: Choice): string {
  const title = choice.content['title'];
  return typeof title === 'string' && title !== '' ? title : choice.id;
}

interface Because {
  readonly titles: readonly string[];
  readonly reasons: readonly string[];
}

/** Choices next to each other with the very same reasons are told in one breath. */
export function grouped(choices: readonly Choice[]): Because[] {
  const groups: Because[] = [];
  for (const choice of choices) {
    const reasons = choice.reasons ?? [];
    const last = groups.at(-1);
    const same = last !== undefined && last.reasons.join('\n') === reasons.join('\n');
    if (same) groups[groups.length - 1] = { ...last, titles: [...last.titles, titleOf(choice)] };
    else groups.push({ titles: [titleOf(choice)], reasons });
  }
  return groups;
}

function becauseHtml({ titles, reasons }: Because): Html {
  return html`<li><span class="reason__what">${titles.join(', ')}</span>
    ${reasons.length > 0 && html`<ul class="reason__why">${reasons.map((reason) => html`<li>${reason}</li>`)}</ul>`}</li>`;
}

function decisionHtml(decision: Decision): Html {
  return html`
    <li class="reason">
      <p class="reason__where">${label(decision.placement)}${decision.fallback === true && html` <span class="pill">same for everybody</span>`}</p>
      ${
        decision.choices.length > 0
          ? html`<ul class="reason__list">${grouped(decision.choices).map(becauseHtml)}</ul>`
          : html`<p class="quiet">Nothing to show; the shop filled the place itself.</p>`
      }
      ${decision.decision_id !== undefined && html`<p class="reason__id">Decision <code>${decision.decision_id}</code></p>`}
    </li>`;
}

function decisionsHtml(decisions: readonly Decision[]): Html {
  return decisions.length > 0
    ? html`<ul class="reasons">${decisions.map(decisionHtml)}</ul>`
    : html`<p class="quiet">No decision was asked for on this page.</p>`;
}

function affinitiesHtml({ affinities }: Person): Html | false {
  if (affinities.length === 0) return false;
  return html`${affinities.map(
    ({ attribute, liked }) => html`
      <h4>${label(attribute)}</h4>
      <ul class="bars">${liked.map(
        ({ value: name, share }) => html`
          <li><span class="bars__name">${label(name)}</span>
            <span class="bars__track" aria-hidden="true"><span class="bars__bar" data-share="${Math.round(share * 100)}"></span></span>
            <span class="bars__share">${Math.round(share * 100)} %</span></li>`,
      )}</ul>`,
  )}`;
}

function identifiersHtml({ identifiers, links: reasons }: Person): Html {
  return html`
    <ul class="ids">${identifiers.map(
      (id) => html`<li><span>${label(id.namespace)}</span><code>${id.value}</code><span class="quiet">${id.event_count} events</span></li>`,
    )}</ul>
    ${reasons.length > 0 && html`<ul class="reason__why">${reasons.map((reason) => html`<li>${reason}</li>`)}</ul>`}`;
}

function factsHtml(facts: Readonly<Record<string, unknown>>, now: number): Html | false {
  const known = Object.entries(facts).filter(([, given]) => given !== null && given !== '');
  if (known.length === 0) return false;
  return html`<dl class="know__facts">${known.map(
    ([name, given]) => html`<div><dt>${label(name)}</dt><dd>${value(name, given, now)}</dd></div>`,
  )}</dl>`;
}

function consentsHtml({ consents }: Person, now: number): Html | false {
  if (consents.length === 0) return false;
  return html`<ul class="ids">${consents.map(
    ({ category, granted, at }) => html`<li><span>${label(category)}</span><span class="pill ${granted && 'pill--good'}">${granted ? 'allowed' : 'not allowed'}</span><span class="quiet">${at !== '' && ago(at, now)}</span></li>`,
  )}</ul>`;
}

function eventName(event: SentEvent): string {
  if (event.type === 'page') return 'Page viewed';
  if (event.type === 'identify') return 'Identified';
  return event.event ?? event.name ?? label(event.type ?? 'event');
}

function eventDetail({ properties }: SentEvent): string {
  const given = properties ?? {};
  const detail = given['name'] ?? given['query'] ?? given['placement'] ?? given['order_id'] ?? given['list_id'] ?? given['title'];
  return typeof detail === 'string' ? detail : '';
}

function eventsHtml(events: readonly SentEvent[], now: number): Html | false {
  if (events.length === 0) return false;
  return html`<ol class="events">${events.slice(0, EVENTS_SHOWN).map(
    (event) => html`<li><span class="events__name">${eventName(event)}</span><span class="events__detail">${eventDetail(event)}</span><span class="quiet">${event.timestamp !== undefined && ago(event.timestamp, now)}</span></li>`,
  )}</ol>`;
}

export function drawerBody(
  answer: Answer,
  decisions: readonly Decision[],
  events: readonly SentEvent[],
  now: number,
): Html {
  const person = answer.is === 'known' ? answer.person : null;
  const running = answer.is !== 'off' && answer.is !== 'failed';
  return html`
    ${summary(answer)}
    ${running && section('know-why', 'Why this page looks as it does', decisionsHtml(decisions))}
    ${person !== null && html`
      ${section('know-likes', 'What you seem to like', affinitiesHtml(person))}
      ${section('know-ids', 'How Kith recognises you', identifiersHtml(person))}
      ${section('know-traits', 'What you told us', factsHtml(person.traits, now))}
      ${section('know-consents', 'What you allowed', consentsHtml(person, now))}
      ${section('know-features', 'What Kith counts', factsHtml(person.features, now))}`}
    ${running && section('know-events', 'What this page told Kith just now', eventsHtml(events, now))}
    <p class="small drawer__foot"><button type="button" class="link" data-consent>Change my consent</button> · <a href="${links.privacy}">Privacy, in plain words</a></p>`;
}
