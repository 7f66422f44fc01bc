/** What every view gives back: a title, its HTML, and what to wire up once it is on the page. */

import type { Html } from '../html.ts';

export interface Page {
  readonly title: string;
  readonly content: Html;
  /** Gets the element that holds the content, new on every page; shop events are sent here. */
  readonly arrive?: (element: HTMLElement, frame: Frame) => void;
  /** Runs when the present address is drawn again: wires up, sends nothing. */
  readonly redrawn?: (element: HTMLElement, frame: Frame) => void;
}

/** What views may ask of the frame around them. */
export interface Frame {
  go(path: string): void;
  replace(path: string): void;
  /** Draws the present address again; not a new page view. */
  redraw(focus?: string): void;
  say(message: string): void;
}
