/**
 * A page with the built tag in it, in jsdom: own clock, own network, own storage, so that every
 * test is alone and nothing waits for real time.
 */
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

const CODE = readFileSync(new URL("../dist/kith.js", import.meta.url), "utf8");
const T0 = Date.parse("2026-11-01T00:00:00Z");

const STUB = "window.kith = window.kith || " +
  "function () { (kith.q = kith.q || []).push(arguments) };";

export async function openPage(options = {}) {
  const page = new Page(options);
  await page.settle();
  return page;
}

class Page {
  requests = [];
  beacons = [];
  errors = [];
  hiddenCss = "";

  constructor(options) {
    const { html = "", url = "https://shop.test/", config = {} } = options;
    const { answers = {}, before = "" } = options;
    this.options = options;
    this.now = options.now ?? T0;
    this.timers = new Map();
    this.answers = answers;
    this.observed = new Map();
    this.dom = new JSDOM(`<!doctype html><title>Shop</title><body>${html}`, {
      url,
      referrer: options.referrer,
      runScripts: "outside-only",
      cookieJar: options.cookieJar,
      pretendToBeVisual: false,
      beforeParse: (window) => this.prepare(window),
    });
    this.window = this.dom.window;
    this.document = this.window.document;
    // jsdom cannot follow links.
    this.window.addEventListener("click", (event) => event.preventDefault());
    this.run(STUB + before);
    this.run(CODE);
    this.kith("start", { write_key: "c".repeat(25), host: "https://kith.test", ...config });
  }

  run(code) {
    return this.window.eval(code);
  }

  kith(method, ...given) {
    const { kith } = this.window;
    return method === "start" ? kith.start(...given) : kith(method, ...given);
  }

  /** Lets promises and mutation observers finish. */
  async settle() {
    for (let turn = 0; turn < 5; turn++) await new Promise((go) => setImmediate(go));
  }

  /** Moves the clock, firing due timers in order. */
  async after(ms) {
    const end = this.now + ms;
    for (;;) {
      const due = [...this.timers].filter(([, { at }]) => at <= end);
      due.sort(([, left], [, right]) => left.at - right.at);
      if (!due.length) break;
      const [id, { at, fire }] = due[0];
      this.now = Math.max(this.now, at);
      this.timers.delete(id);
      fire();
      await this.settle();
    }
    this.now = end;
    await this.settle();
  }

  async leave() {
    Object.defineProperty(this.document, "hidden", { value: true, configurable: true });
    this.document.dispatchEvent(new this.window.Event("visibilitychange"));
    await this.settle();
  }

  /** What was sent to `/v1/batch`, by either way. */
  events() {
    const bodies = [...this.bodies("batch"), ...this.beacons];
    return bodies.flatMap((body) => body.batch);
  }

  names() {
    return this.events().map((event) => event.event || event.type);
  }

  bodies(path) {
    return this.requests.filter((each) => each.path === `/v1/${path}`).map((each) => each.body);
  }

  element(selector) {
    return this.document.querySelector(selector);
  }

  async click(selector) {
    this.element(selector).click();
    await this.settle();
  }

  /** Says that this share of an observed element is on the screen. */
  async see(element, share = 0.6) {
    const callback = this.observed.get(element);
    callback?.([
      {
        target: element,
        isIntersecting: share > 0,
        intersectionRatio: share,
        intersectionRect: { height: 10 },
        rootBounds: { height: 700 },
      },
    ]);
    await this.settle();
  }

  stored() {
    const keys = Object.keys(this.window.localStorage);
    return Object.fromEntries(keys.map((key) => [key, this.window.localStorage.getItem(key)]));
  }

  prepare(window) {
    const page = this;
    const { gpc, dnt, storage = {}, session = {}, broken } = this.options;
    window.Date.now = () => page.now;
    window.setTimeout = (fire, ms = 0, ...given) => {
      const id = (page.lastTimer = (page.lastTimer || 0) + 1);
      page.timers.set(id, { at: page.now + ms, fire: () => fire(...given) });
      return id;
    };
    window.clearTimeout = (id) => page.timers.delete(id);
    window.fetch = (url, init) => page.fetch(url, init);
    window.console.error = (...given) => page.errors.push(given.map(String).join(" "));
    window.console.warn = () => {};
    window.IntersectionObserver = class {
      constructor(callback) {
        this.callback = callback;
      }
      observe(element) {
        page.observed.set(element, this.callback);
      }
      unobserve(element) {
        page.observed.delete(element);
      }
    };
    window.CSSStyleSheet = class {
      replaceSync(css) {
        page.hiddenCss = css;
      }
    };
    window.document.adoptedStyleSheets = [];
    const { navigator } = window;
    if (gpc) Object.defineProperty(navigator, "globalPrivacyControl", { value: gpc });
    if (dnt) Object.defineProperty(navigator, "doNotTrack", { value: dnt });
    navigator.sendBeacon = (url, body) => {
      if (page.options.beacon === false) return false;
      page.beacons.push(JSON.parse(body));
      return true;
    };
    for (const [key, value] of Object.entries(storage)) window.localStorage.setItem(key, value);
    for (const [key, value] of Object.entries(session)) window.sessionStorage.setItem(key, value);
    if (broken) breakStorage(window, broken);
  }

  async fetch(url, init) {
    const { pathname, search } = new URL(url);
    const body = JSON.parse(init.body);
    this.requests.push({ path: pathname, search, body, init, at: this.now });
    const answer = this.answers[pathname.replace("/v1/", "")];
    const given = (await (typeof answer === "function" ? answer(body) : answer)) ?? usual(body);
    if (given instanceof Error) throw given;
    const { status = 200, headers = {}, json = {} } = given;
    return {
      ok: status < 300,
      status,
      headers: { get: (name) => headers[name] ?? null },
      json: async () => json,
    };
  }
}

function usual(body) {
  return { json: body.anonymous_id ? { anonymous_id: body.anonymous_id } : { success: true } };
}

function breakStorage(window, how) {
  const fail = () => {
    throw new window.DOMException(how, how);
  };
  if (how === "QuotaExceededError") window.Storage.prototype.setItem = fail;
  else {
    for (const area of ["localStorage", "sessionStorage"]) {
      Object.defineProperty(window, area, { get: fail });
    }
    Object.defineProperty(window.document, "cookie", { get: fail, set: fail });
  }
}

/** An answer that comes when the test says so. */
export function later() {
  let give;
  const promise = new Promise((resolve) => (give = resolve));
  return { promise, give };
}
