import { expect, test } from "vitest";
import { fill, runsScript } from "./template.ts";

function check(template: string, content: Record<string, unknown>, expected: string) {
  expect(fill(template, content)).toBe(expected);
}

test("placeholders", () => {
  check("<b>{{title}}</b>", { title: "Hat" }, "<b>Hat</b>");
  check("{{ a.b }}-{{n}}-{{yes}}", { a: { b: "x" }, n: 0, yes: false }, "x-0-false");
  check("{{categories}}", { categories: ["a", "b"] }, "a, b");
  check("[{{missing}}{{none}}{{object}}{{a.b.c}}]", { none: null, object: {}, a: 1 }, "[]");
  check("{{constructor}}{{a.__proto__}}{{toString}}", { a: {} }, "");
  check("{{title", { title: "x" }, "{{title");
});

test("values cannot leave their place", () => {
  check("{{t}}", { t: "<img src=x onerror=alert(1)>" }, "&lt;img src=x onerror=alert(1)&gt;");
  check('<a title="{{t}}">', { t: '" onclick="x' }, '<a title="&quot; onclick=&quot;x">');
  check("<a title='{{t}}'>", { t: "' x='" }, "<a title='&#39; x=&#39;'>");
  check("{{t}}", { t: "{{u}}", u: "no" }, "{{u}}");
  check("{{t}}", { t: "a & b" }, "a &amp; b");
});

test("values cannot become scripts", () => {
  for (const url of ["javascript:x", " JavaScript:x", "java\nscript:x", "vbscript:x", "data:x"]) {
    check('<a href="{{url}}">', { url }, '<a href="">');
    expect(runsScript(url)).toBe(true);
  }
  for (const url of ["https://a/?x=javascript:1", "/javascript", "mailto:a@b.c", "", "a data: b"]) {
    expect(runsScript(url)).toBe(false);
  }
});
