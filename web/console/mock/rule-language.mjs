/**
 * As much of the rule language as the console's tests need: text to tree, tree to text, and a
 * reading in words. The server's is the real one.
 */

const TOKEN =
  /\s*(?:("(?:[^"\\]|\\.)*")|(\d{4}-\d\d-\d\d)|(\d+(?:\.\d+)?)|([A-Za-z_][\w]*)|(!=|<=|>=|[=<>()[\],.+-])|(\S))/gy;
const FUNCTIONS = [
  "count",
  "sum",
  "min",
  "max",
  "average",
  "first",
  "last",
  "distinct",
  "top",
  "days_active",
  "streak",
];
const SHORT = { purchase: "Order Completed", view: "Product Viewed", cart_add: "Product Added" };
const UNITS = ["second", "minute", "hour", "day", "week"];

export class RuleFault extends Error {
  constructor(message, offset, fix = null) {
    super(message);
    this.offset = offset;
    this.fix = fix;
  }
}

export function parseRule(text) {
  const parser = new Parser(text);
  const rule = parser.or();
  parser.end();
  return rule;
}

export function faultOf(text, fault) {
  const before = text.slice(0, fault.offset).split("\n");
  const { message, fix, offset } = fault;
  return { message, fix, offset, line: before.length, column: before.at(-1).length + 1 };
}

class Parser {
  constructor(text) {
    this.tokens = [];
    TOKEN.lastIndex = 0;
    for (;;) {
      const match = TOKEN.exec(text);
      if (!match || match[0].trim() === "") break;
      const [, quoted, date, number, word, symbol, other] = match;
      const offset = match.index + match[0].length - match[0].trimStart().length;
      if (other) throw new RuleFault(`${other} is not part of the language`, offset);
      const kinds = { quoted, date, number, word, symbol };
      const [kind, value] = Object.entries(kinds).find(([, one]) => one !== undefined);
      this.tokens.push({ kind, value: kind === "quoted" ? JSON.parse(value) : value, offset });
    }
    this.at = 0;
    this.length = text.length;
    this.inCondition = false;
  }

  get next() {
    return this.tokens[this.at] ?? { kind: "end", value: "the end", offset: this.length };
  }

  is(value) {
    return this.next.kind !== "quoted" && this.next.value === value;
  }

  take(value) {
    if (!this.is(value)) return false;
    this.at += 1;
    return true;
  }

  need(value) {
    if (!this.take(value)) throw this.wrong(value);
  }

  wrong(wanted) {
    const { value, offset } = this.next;
    return new RuleFault(`expected ${wanted}, found ${value}`, offset);
  }

  kind(kind, wanted = kind) {
    if (this.next.kind !== kind) throw this.wrong(wanted);
    return this.tokens[this.at++].value;
  }

  end() {
    if (this.next.kind !== "end") throw this.wrong("and, or, or the end");
  }

  join(word, name, inner) {
    const parts = [inner()];
    while (this.take(word)) parts.push(inner());
    return parts.length === 1 ? parts[0] : { [name]: parts };
  }

  or() {
    return this.join("or", "any", () => this.join("and", "all", () => this.not()));
  }

  not() {
    if (this.take("not")) return { not: this.not() };
    if (this.take("(")) {
      const rule = this.or();
      this.need(")");
      return rule;
    }
    return this.test();
  }

  test() {
    const left = this.operand();
    const list = () => {
      this.need("[");
      const values = [this.literal()];
      while (this.take(",")) values.push(this.literal());
      this.need("]");
      return values;
    };
    for (const symbol of ["=", "!=", "<=", ">=", "<", ">", "contains", "matches"]) {
      if (this.take(symbol)) return { left, operator: symbol, right: this.operand() };
    }
    if (this.take("starts")) {
      this.need("with");
      return { left, operator: "starts with", right: this.operand() };
    }
    if (this.take("ends")) {
      this.need("with");
      return { left, operator: "ends with", right: this.operand() };
    }
    if (this.take("in")) return { left, operator: "in", right: list() };
    if (this.is("not") && this.tokens[this.at + 1]?.value === "in") {
      this.at += 2;
      return { left, operator: "not in", right: list() };
    }
    if (this.take("exists")) return { left, operator: "exists" };
    if (this.take("is")) {
      this.need("missing");
      return { left, operator: "is missing" };
    }
    return { left, operator: "is true" };
  }

  literal() {
    const { kind, value } = this.next;
    if (kind === "quoted") return this.kind("quoted");
    if (kind === "number") return Number(this.kind("number"));
    if (kind === "date") return { time: this.kind("date") };
    if (this.take("true")) return true;
    if (this.take("false")) return false;
    throw this.wrong(`a value, not ${value}`);
  }

  operand() {
    const term = this.term();
    const shift = [];
    while (this.is("+") || this.is("-")) {
      const sign = this.tokens[this.at++].value;
      shift.push((sign === "-" ? "-" : "") + this.span());
    }
    if (shift.length === 0) return term;
    return typeof term === "object" && !("time" in term)
      ? { ...term, shift }
      : { literal: term, shift };
  }

  span() {
    const count = Number(this.kind("number", "a number"));
    const { offset } = this.next;
    const unit = this.kind("word", "a unit such as days").replace(/s$/, "");
    if (!UNITS.includes(unit)) throw new RuleFault(`${unit} is not a unit of time`, offset);
    return `${count} ${unit}${count === 1 ? "" : "s"}`;
  }

  path() {
    const parts = [];
    while (this.take(".")) parts.push(this.kind("word", "a name"));
    if (parts.length === 0) throw this.wrong("a dot and a name");
    return parts;
  }

  argument() {
    this.need("(");
    const text = this.kind("quoted", "a name in quotation marks");
    this.need(")");
    return text;
  }

  term() {
    if (this.next.kind !== "word" || this.is("true") || this.is("false")) return this.literal();
    const { value, offset } = this.next;
    this.at += 1;
    if (value === "now") return { now: [] };
    if (value === "context") return { context: this.path() };
    if (this.inCondition) {
      const parts = value === "properties" ? [] : [value];
      return { property: this.is(".") ? [...parts, ...this.path()] : parts };
    }
    if (FUNCTIONS.includes(value)) return this.aggregate(value);
    switch (value) {
      case "traits":
        return { trait: this.path() };
      case "account":
        return { account: this.path() };
      case "any":
      case "all":
      case "no":
        if (!this.take("persons")) this.need("person");
        for (const word of ["of", "account", "in", "audience"]) this.need(word);
        return { account_persons: [value, this.kind("quoted", "an id in quotation marks")] };
      case "features":
        return { feature: this.path()[0] };
      case "consent":
        return { consent: this.path()[0] };
      case "identifier":
      case "reachable":
        return { [value]: this.argument() };
      case "local_hour":
      case "local_weekday":
        return { [value]: [] };
      case "in":
        this.need("audience");
        return { audience: this.kind("quoted", "an id in quotation marks") };
      case "affinity": {
        this.need("(");
        const dimension = this.kind("quoted");
        this.need(",");
        const name = this.kind("quoted");
        this.need(")");
        return { affinity: [dimension, name] };
      }
      case "anniversary":
      case "days_since":
      case "days_until": {
        this.need("(");
        const inner = this.operand();
        this.need(")");
        return { [value]: value === "anniversary" ? inner.trait : inner };
      }
      case "sequence":
        return this.sequence();
      default:
        throw new RuleFault(
          `there is no fact called ${value}`,
          offset,
          `traits.${value} or features.${value}`,
        );
    }
  }

  events() {
    if (this.next.kind === "quoted") return { kind: "track", name: this.kind("quoted") };
    const { offset } = this.next;
    const word = this.kind("word", "an event");
    if (word === "any") return "any";
    if (SHORT[word]) return { kind: "track", name: SHORT[word] };
    if (!["page", "screen", "identify"].includes(word))
      throw new RuleFault(`${word} is not an event`, offset, `"${word}"`);
    const named = this.next.kind === "quoted";
    return { kind: word, ...(named && { name: this.kind("quoted") }) };
  }

  filter() {
    const events = this.events();
    if (!this.take("where")) return { events };
    this.inCondition = true;
    const where = this.or();
    this.inCondition = false;
    return { events, where };
  }

  window() {
    if (this.take("today")) return "today";
    if (this.take("this")) return `this ${this.kind("word")}`;
    if (this.take("last")) {
      const days = this.kind("number");
      this.need("calendar");
      this.at += 1;
      return `last ${days} calendar days`;
    }
    return this.span();
  }

  aggregate(name) {
    this.need("(");
    const filter = this.filter();
    const aggregate = { function: name, ...filter };
    while (this.take(",")) {
      if (this.take("of")) {
        const first = this.kind("word", "a property");
        aggregate.of = this.is(".") ? [first, ...this.path()] : [first];
      } else aggregate.window = this.window();
    }
    this.need(")");
    const { events } = filter;
    const plain = !filter.where && !aggregate.of && !aggregate.window && events.kind === "track";
    if (plain && ["count", "sum", "first", "last"].includes(name)) return { [name]: events.name };
    return { aggregate };
  }

  sequence() {
    this.need("(");
    const steps = [];
    let absent;
    let window;
    do {
      const absence = this.take("not");
      if (this.next.kind === "number") {
        window = this.span();
        break;
      }
      const step = this.filter();
      if (this.take("within")) step.within = this.span();
      if (absence) absent = step;
      else steps.push(step);
    } while (this.take(","));
    if (!window) throw this.wrong("a window such as 7 days");
    this.need(")");
    return { sequence: { steps, ...(absent && { absent }), window } };
  }
}

export function writeRule(rule, outer = "") {
  if (typeof rule === "boolean") return String(rule);
  const enclosed = (inner, needed) => (needed ? `(${inner})` : inner);
  if (rule.all || rule.any) {
    const name = rule.all ? "all" : "any";
    const parts = rule[name];
    if (parts.length === 0) return String(name === "all");
    if (parts.length === 1) return writeRule(parts[0], outer);
    const text = parts.map((part) => writeRule(part, name)).join(name === "all" ? " and " : " or ");
    return enclosed(text, outer !== "");
  }
  if ("not" in rule) return `not ${writeRule(rule.not, "not")}`;
  const { left, operator, right } = rule;
  if (operator === "is true") return writeOperand(left);
  if (right === undefined) return `${writeOperand(left)} ${operator}`;
  const value = Array.isArray(right)
    ? `[${right.map(writeLiteral).join(", ")}]`
    : writeOperand(right);
  return `${writeOperand(left)} ${operator} ${value}`;
}

const writeLiteral = (value) => value?.time ?? JSON.stringify(value);

function writeOperand(operand) {
  if (typeof operand !== "object" || "time" in operand) return writeLiteral(operand);
  const { shift = [], ...rest } = operand;
  const shifts = shift.map((span) => (span.startsWith("-") ? ` - ${span.slice(1)}` : ` + ${span}`));
  return writeFact(rest) + shifts.join("");
}

function writeFact(fact) {
  const [[name, value]] = Object.entries(fact);
  switch (name) {
    case "now":
      return "now";
    case "literal":
      return writeLiteral(value);
    case "trait":
      return `traits.${value.join(".")}`;
    case "context":
      return `context.${value.join(".")}`;
    case "property":
      return value.join(".");
    case "feature":
      return `features.${value}`;
    case "consent":
      return `consent.${value}`;
    case "audience":
      return `in audience "${value}"`;
    case "account":
      return `account.${value.join(".")}`;
    case "account_persons":
      return `${value[0]} ${value[0] === "all" ? "persons" : "person"} of account in audience "${value[1]}"`;
    case "affinity":
      return `affinity("${value[0]}", "${value[1]}")`;
    case "anniversary":
      return `anniversary(traits.${value.join(".")})`;
    case "days_since":
    case "days_until":
      return `${name}(${writeOperand(value)})`;
    case "local_hour":
    case "local_weekday":
      return name;
    case "aggregate": {
      const { function: called, of, window } = value;
      const extra = [of && `of ${of.join(".")}`, window].filter(Boolean);
      return `${called}(${[writeFilter(value), ...extra].join(", ")})`;
    }
    case "sequence": {
      const step = (one) => writeFilter(one) + (one.within ? ` within ${one.within}` : "");
      const absent = value.absent ? [`not ${step(value.absent)}`] : [];
      return `sequence(${[...value.steps.map(step), ...absent, value.window].join(", ")})`;
    }
    default:
      return `${name}(${JSON.stringify(value)})`;
  }
}

function writeFilter({ events, where }) {
  const { kind, name } = events;
  const text =
    events === "any"
      ? "any"
      : kind === "track"
        ? JSON.stringify(name)
        : [kind, name && JSON.stringify(name)].filter(Boolean).join(" ");
  return where ? `${text} where ${writeRule(where)}` : text;
}

const WORDS = {
  "=": "is",
  "!=": "is not",
  ">": "is more than",
  ">=": "is at least",
  "<": "is less than",
  "<=": "is at most",
  in: "is one of",
  "not in": "is none of",
  exists: "is known",
  "is true": "holds",
};

export function inWords(rule) {
  if (typeof rule === "boolean") return rule ? "everybody" : "nobody";
  if (rule.all) return rule.all.map(inWords).join(", and ");
  if (rule.any) return `either ${rule.any.map(inWords).join(", or ")}`;
  if ("not" in rule) return `it is not so that ${inWords(rule.not)}`;
  const right =
    rule.right === undefined
      ? ""
      : ` ${Array.isArray(rule.right) ? rule.right.map(writeLiteral).join(", ") : writeOperand(rule.right)}`;
  return `${writeOperand(rule.left)} ${WORDS[rule.operator] ?? rule.operator}${right}`;
}

/** Every single test of a rule. */
export function testsOf(rule) {
  if (typeof rule !== "object") return [];
  if (rule.all || rule.any) return (rule.all ?? rule.any).flatMap(testsOf);
  return "not" in rule ? testsOf(rule.not) : [rule];
}
