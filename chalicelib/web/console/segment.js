// One segment: how many are in it, who they are, and what is done with all of them.
import { attempt } from "../shared/forms.js";
import { ask } from "../shared/session.js";
import { LOCALE, words } from "../shared/words.js";
import { overTime } from "./chart.js";
import { card, copyable, el, empty, facts, placed, time } from "./elements.js";
import { listing } from "./lists.js";
import { heading } from "./pages.js";
import { personColumns } from "./questions-search.js";
import { READER } from "./reader.js";
import { actions } from "./segment-actions.js";
import { watching } from "./segments.js";

const DAYS = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short", timeZone: "UTC" });

export async function start(main, visit) {
  const path = `/segments/${encodeURIComponent(visit.id)}`;
  const { body, version } = await ask("GET", path);
  const segment = { ...body, path, etag: version };
  const counts = placed("section", { class: "card stack" }, el("h2", {}, words("questions.over-time")));
  main.append(...[
    heading(segment.name, ...(READER.isAdmin ? actions(segment) : [])),
    visit.query.changes && READER.isAdmin && await (await import("./segment-changes.js")).changes(segment, visit),
    el("section", { class: "card stack" }, facts([
      [words("questions.filter"), copyable(segment.filter)],
      [words("questions.events"), watching(segment)],
      [words("questions.timed"), words(segment.timed ? "console.yes" : "console.no")],
      [words("questions.evaluated"), time(segment.evaluated_at)],
      [words("console.created"), time(segment.created_at)],
      [words("console.changed"), time(segment.updated_at)],
      [words("console.id"), copyable(segment.id)],
    ])),
    counts,
    card(words("questions.members"), await listing({
      visit,
      path: `${path}/people`,
      caption: words("questions.members"),
      columns: personColumns(),
      none: empty(words("questions.nobody"), words("questions.nobody-text")),
    })),
  ].filter(Boolean));
  await attempt(counts, async () => counts.append(...overTimeOf((await ask("GET", `${path}/counts`)).body, visit)));
}

function overTimeOf({ now, items }, visit) {
  const present = el("p", {}, words(now.exact ? "questions.count" : "questions.count-about", { count: now.value }));
  if (items.length < 2) return [present, el("p", { class: "soft" }, words("questions.no-counts"))];
  return [present, overTime({
    title: words("questions.members"),
    starts: items.map(({ at }) => at),
    written: (stamp) => DAYS.format(new Date(stamp)),
    series: [{ label: words("questions.members"), counts: items.map(({ people }) => people) }],
    visit,
  })];
}
