// How things are: what waits or failed, who came, and what became of mail and webhooks.
import { attempt } from "../shared/forms.js";
import { ask } from "../shared/session.js";
import { LOCALE, words } from "../shared/words.js";
import { el, number, placed, share } from "./elements.js";
import { queried } from "./lists.js";
import { address, heading, link } from "./pages.js";
import { READER } from "./reader.js";
import { watch } from "./watching.js";

const SECONDS = 60;
const HOUR = 3_600_000;
const RANGES = { day: [24 * HOUR, "hour"], week: [168 * HOUR, "day"], month: [720 * HOUR, "day"], quarter: [2160 * HOUR, "day"], year: [8736 * HOUR, "day"] };
const HOURS = new Intl.DateTimeFormat(LOCALE, { weekday: "short", hour: "numeric" });
const DAYS = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short", timeZone: "UTC" });

export async function start(main, visit) {
  const range = Object.hasOwn(RANGES, visit.query.range) ? visit.query.range : "month";
  const figures = el("dl", { class: "figures" });
  const map = placed("section", { class: "card stack map-card" }, el("h2", {}, words("overview.map")), el("p", { class: "small" }, words("overview.map-text")));
  const charts = placed("div", { class: "stack" });
  main.append(
    heading(words("console.overview"), el("nav", { class: "ranges", "aria-label": words("overview.range") }, Object.keys(RANGES).map((name) =>
      link(words(`overview.range-${name}`), "overview", { range: name === "month" ? "" : name }, "", { "aria-current": name === range && "true" })))),
    figures, map, charts,
  );
  const [length, by] = RANGES[range];
  const from = new Date(Date.now() - length).toISOString();
  const { body: insights } = await ask("GET", queried("/insights", { from, by }));
  figures.replaceChildren(...counted(insights));
  attempt(map, () => watch(visit, SECONDS, async () => {
    const [{ mapOf }, { body: operations }, { body: flow }] = await Promise.all([import("./map.js"), ask("GET", "/operations"), ask("GET", "/insights/flow")]);
    if (visit.signal.aborted) return false;
    figures.replaceChildren(...counted(insights), ...operated(operations));
    map.replaceChildren(...[...map.children].slice(0, 3), ...mapOf(operations, flow));
    return true;
  }));
  attempt(charts, async () => {
    const { drawCharts } = await import("./overview-charts.js");
    if (!visit.signal.aborted) charts.append(...drawCharts(insights, (stamp) => (by === "hour" ? HOURS : DAYS).format(new Date(stamp)), visit));
  });
}

function figure(name, value, href, bad = false) {
  return el("div", { class: bad ? "bad" : false }, el("dt", {}, href ? el("a", { href }, name) : name), el("dd", {}, value));
}

function counted({ users, statuses, legacy_hashes, range: { series } }) {
  const sum = (name) => series[name].reduce((total, count) => total + count, 0);
  const old = Object.values(legacy_hashes).reduce((total, count) => total + count, 0);
  return [
    figure(words("overview.people"), number(users), address("people")),
    series.active_people && figure(words("overview.active"), number(series.active_people.at(-1))),
    figure(words("overview.sign-ups"), number(sum("registrations") + sum("invitations") + sum("imports"))),
    figure(words("overview.sign-ins"), number(sum("sign_ins"))),
    figure(words("overview.second-factors"), share(sum("second_factors"), sum("sign_ins"))),
    figure(words("overview.old-hashes"), number(old)),
    statuses.disabled > 0 && figure(words("overview.disabled"), number(statuses.disabled)),
  ].filter(Boolean);
}

function operated({ dead_letters: queues, alarms }) {
  const dead = queues.reduce((total, { count }) => total + count, 0);
  const to = READER.isAdmin ? address("operations", { tab: "dead-letters" }) : address("operations");
  return [
    figure(words("overview.dead-letters"), number(dead), to, dead > 0),
    figure(words("overview.alarms"), number(alarms.length), address("operations", { tab: "alarms" }), alarms.length > 0),
  ];
}
