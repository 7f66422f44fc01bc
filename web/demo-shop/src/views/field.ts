/** A labelled text field with its error beneath, and the check that fills the errors in. */

import { html } from '../html.ts';
import type { Html } from '../html.ts';

export interface Field {
  readonly name: string;
  readonly title: string;
  readonly type?: string;
  readonly autocomplete?: string;
  readonly value?: string;
  readonly hint?: string;
  readonly wide?: boolean;
  readonly inputmode?: string;
  /** The error in words, or null when the value will do. */
  readonly check: (value: string) => string | null;
}

export const required =
  (what: string) =>
  (value: string): string | null =>
    value.trim() === '' ? `Enter ${what}.` : null;

export function fieldHtml(field: Field): Html {
  const { name, title, type, autocomplete, value, hint, wide, inputmode } = field;
  return html`
    <div class="field ${wide === true && 'field--wide'}">
      <label for="f-${name}">${title}</label>
      <input id="f-${name}" name="${name}" type="${type ?? 'text'}" value="${value ?? ''}" maxlength="254"
        autocomplete="${autocomplete ?? 'off'}" ${inputmode !== undefined && html`inputmode="${inputmode}"`}
        aria-describedby="f-${name}-hint f-${name}-error" />
      <p class="field__hint" id="f-${name}-hint">${hint ?? ''}</p>
      <p class="field__error" id="f-${name}-error"></p>
    </div>`;
}

/** Writes every error beside its field and moves to the first; the values when all is well. */
export function checkForm(form: HTMLFormElement, fields: readonly Field[]): Map<string, string> | null {
  const given = new FormData(form);
  const values = new Map<string, string>();
  let first: HTMLInputElement | null = null;
  for (const field of fields) {
    const value = String(given.get(field.name) ?? '');
    const error = field.check(value);
    const input = form.querySelector<HTMLInputElement>(`#f-${field.name}`);
    const line = form.querySelector(`#f-${field.name}-error`);
    if (line !== null) line.textContent = error ?? '';
    input?.setAttribute('aria-invalid', String(error !== null));
    if (error !== null) first ??= input;
    values.set(field.name, value.trim());
  }
  first?.focus();
  return first === null ? values : null;
}
