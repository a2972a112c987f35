// The charts of the overview.
import { words } from "../shared/words.js";
import { histogram, overTime } from "./chart.js";
import { card, el, number, share } from "./elements.js";

const MILLISECONDS = { hour: 3_600_000, day: 86_400_000 };

/** All of them, for the range of `insights` that was asked for. */
export function drawCharts({ range: { start, by, series }, ages, ages_unknown: unknown, legacy_hashes: hashes }, written, visit) {
  const starts = series.sign_ins.map((_, index) => new Date(Date.parse(start) + index * MILLISECONDS[by]).toISOString());
  const line = (title, ...names) => overTime({ title, starts, written, visit, series: names.map((name) => ({ label: words(`overview.${name}`), counts: series[name] })) });
  const summed = (prefix) => Object.entries(series).filter(([name]) => name.startsWith(`${prefix}.`)).map(([name, counts]) =>
    [name.slice(prefix.length + 1), counts.reduce((total, count) => total + count, 0)]);
  return [
    el("div", { class: "columns" },
      card("", line(words("overview.arrivals"), "registrations", "invitations", "imports", "deletions")),
      card("", line(words("overview.sign-ins-over-time"), ...["sign_ins", series.active_people && "active_people", "blocked_accounts"].filter(Boolean))),
      card("", histogram({ title: words("overview.ages"), label: words("overview.people"), groups: ages.map(({ years, people }) => ({ name: years, value: people })), visit }),
        unknown > 0 && el("p", { class: "small" }, words("overview.ages-unknown", { count: unknown }))),
      el("div", { class: "stacked" },
      parts(words("overview.methods"), (name) => words(`overview.method-${name}`), summed("sign_in_methods")),
      parts(words("overview.mails"), (name) => words(`console.mail-${name}`), summed("mails")),
      parts(words("overview.webhooks"), (name) => words(`overview.webhook-${name}`), summed("webhooks")),
      parts(words("overview.hashes"), (name) => (name === "elsewhere" ? words("overview.elsewhere") : name), Object.entries(hashes))),
    ),
  ];
}

/** A table of parts of a whole, each with its share as a bar. */
function parts(title, named, entries) {
  const whole = entries.reduce((total, [, count]) => total + count, 0);
  return card(title, whole === 0 ? el("p", { class: "soft" }, words("overview.nothing")) : el("table", { class: "parts" },
    el("caption", { class: "unseen" }, title),
    el("thead", { class: "unseen" }, el("tr", {}, ["overview.part", "overview.share", "overview.count"].map((key) => el("th", { scope: "col" }, words(key))))),
    el("tbody", {}, entries.filter(([, count]) => count).sort((one, other) => other[1] - one[1]).map(([name, count]) => el("tr", {},
      el("th", { scope: "row" }, named(name)),
      el("td", {}, el("meter", { min: 0, max: whole, value: count, "aria-label": `${named(name)}: ${share(count, whole)}` })),
      el("td", { class: "number" }, number(count)))))));
}
