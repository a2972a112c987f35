// The figures of the last hour, as AWS has them, and what the stage costs while nobody uses it.
import { attempt } from "../shared/forms.js";
import { ask } from "../shared/session.js";
import { LOCALE, words } from "../shared/words.js";
import { badge, card, el, facts, lasting, number, placed, time } from "./elements.js";
import { table } from "./lists.js";
import { link } from "./pages.js";
import { READER } from "./reader.js";
import { watch } from "./watching.js";

const SECONDS = 60;
const LATE_SECONDS = 300;
const DOLLARS = new Intl.NumberFormat(LOCALE, { style: "currency", currency: "USD" });

/** The tab. It is drawn anew every minute. */
export async function show(main, visit) {
  const place = placed("div", { class: "stack" });
  main.append(place);
  await attempt(place, () => watch(visit, SECONDS, async () => {
    const { body } = await ask("GET", "/operations");
    if (!visit.signal.aborted) place.replaceChildren(place.querySelector("[data-problem]"), ...drawn(body));
  }));
}

function drawn({ as_of, no_data, api, queues, dead_letters: parked, functions, topics, tables, version, idle_cost: cost }) {
  const dead = Object.fromEntries(parked.map(({ name, count }) => [name, count]));
  return [
    el("p", { class: "small" }, words("operations.as-of"), " ", time(as_of), ". ", el("span", { title: no_data }, words("operations.no-data"))),
    el("dl", { class: "figures" },
      figure(words("operations.requests"), number(api.requests)),
      figure(words("operations.client-errors"), number(api.client_errors)),
      figure(words("operations.server-errors"), number(api.server_errors), api.server_errors > 0),
      figure(words("operations.p99"), milliseconds(api.p99_ms))),
    card(words("operations.queues"), table(words("operations.queues"), [
      { title: words("operations.name"), cell: ({ name }) => el("code", {}, name) },
      { title: words("operations.waiting"), cell: ({ waiting, in_flight, delayed }) => number(waiting + in_flight + delayed), kind: "number" },
      { title: words("operations.oldest"), cell: ({ oldest_seconds: age }) => warned(lasting(age), age > LATE_SECONDS), kind: "number" },
      { title: words("operations.sent"), cell: ({ sent }) => number(sent), kind: "number" },
      { title: words("operations.done"), cell: ({ done }) => number(done), kind: "number" },
      { title: words("operations.dead-letters"), cell: ({ name, dead_letters: count }) => deadLetters(name, dead[name] ?? count), kind: "number" },
    ], queues)),
    card(words("operations.functions"), table(words("operations.functions"), [
      { title: words("operations.name"), cell: ({ name }) => el("code", {}, name) },
      { title: words("operations.invocations"), cell: ({ invocations }) => number(invocations), kind: "number" },
      { title: words("operations.errors"), cell: ({ errors }) => warned(number(errors), errors > 0), kind: "number" },
      { title: words("operations.throttles"), cell: ({ throttles }) => warned(number(throttles), throttles > 0), kind: "number" },
      { title: words("operations.p50"), cell: ({ p50_ms }) => milliseconds(p50_ms), kind: "number" },
      { title: words("operations.p99"), cell: ({ p99_ms }) => milliseconds(p99_ms), kind: "number" },
      { title: words("operations.behind"), cell: ({ iterator_age_ms: behind }) => milliseconds(behind), kind: "number" },
    ], functions)),
    el("div", { class: "columns" },
      card(words("operations.tables"), table(words("operations.tables"), [
        { title: words("operations.name"), cell: ({ name }) => el("code", {}, name) },
        { title: words("operations.written"), cell: ({ written_units: units }) => number(units), kind: "number" },
        { title: words("operations.throttles"), cell: ({ read_throttles, write_throttles }) => throttles(read_throttles, write_throttles), kind: "number" },
      ], tables)),
      card(words("operations.topics"), table(words("operations.topics"), [
        { title: words("operations.name"), cell: ({ name }) => el("code", {}, name) },
        { title: words("operations.published"), cell: ({ published }) => number(published), kind: "number" },
        { title: words("operations.errors"), cell: ({ failed }) => warned(number(failed), failed > 0), kind: "number" },
      ], topics)),
      card(words("operations.version"), facts([
        [words("operations.version"), version.version],
        [words("operations.runtime"), version.runtime],
        [words("operations.deployed"), time(version.deployed_at)],
      ])),
      cost && card(words("operations.cost"), el("p", { class: "soft" }, words("operations.cost-text")), table(words("operations.cost"), [
        { title: words("operations.what"), cell: ({ what }) => what },
        { title: words("operations.count"), cell: ({ count }) => number(count), kind: "number" },
        { title: words("operations.dollars"), cell: ({ dollars }) => DOLLARS.format(dollars), kind: "number" },
      ], [...cost.lines, { what: words("operations.sum"), count: null, dollars: cost.dollars }]))),
  ];
}

function figure(name, value, bad = false) {
  return el("div", { class: bad ? "bad" : false }, el("dt", {}, name), el("dd", {}, value));
}

function milliseconds(value) {
  return value === null || value === undefined ? "–" : lasting(value / 1000);
}

function warned(text, bad) {
  return bad ? badge(text, "bad") : text;
}

function throttles(read, write) {
  const count = read === null && write === null ? null : (read ?? 0) + (write ?? 0);
  return warned(number(count), count > 0);
}

function deadLetters(name, count) {
  if (!count) return number(count);
  return READER.isAdmin ? link(badge(number(count), "bad"), "operations", { tab: "dead-letters", queue: name }) : badge(number(count), "bad");
}
