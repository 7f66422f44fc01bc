/** The one global outside the language that the core uses: the same in browsers and in Node. */
declare class URLSearchParams implements Iterable<[string, string]> {
  constructor(text: string);
  get(name: string): string | null;
  [Symbol.iterator](): Iterator<[string, string]>;
}
