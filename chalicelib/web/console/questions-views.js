// What is counted every hour: who came back, how people signed in, and how long it took them to confirm.
import { attempt } from "../shared/forms.js";
import { ask } from "../shared/session.js";
import { LOCALE, words } from "../shared/words.js";
import { overTime } from "./chart.js";
import { card, el, empty, lasting, number, placed, share, time } from "./elements.js";
import { filters, queried, table } from "./lists.js";
import { link } from "./pages.js";

const DAY = 86_400_000;
const WEEKS = ["", "26", "52"];
const FEW = 12;
const LATER = 9;
const SHADES = 5;
const WHOLE = new Intl.NumberFormat(LOCALE, { style: "percent" });
const SOURCES = ["registration", "invitation", "connection", "admin", "import"];
const DATES = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const METHODS = ["password", "mailed_code", "passkey", "connection"];
const FIELDS = () => [
  { name: "came", label: words("questions.came-back-of"), options: [["", words("questions.arrived-themselves")], ["imports", words("questions.arrived-imports")]] },
  { name: "source", label: words("questions.signed-in-of"), options: SOURCES.map((source, index) => [index ? source : "", words(`questions.source-${source}`)]) },
];

/** The tab. */
export async function show(tab, visit) {
  const drawn = el("div", { class: "stack" });
  const place = placed("div", {}, drawn);
  let views = [];
  const draw = (values) => drawn.replaceChildren(...drawViews(views, values, visit));
  const weeks = WEEKS.includes(visit.query.weeks) ? visit.query.weeks : "";
  tab.append(el("section", { class: "card stack" }, el("p", { class: "soft" }, words("questions.views-text")),
    el("nav", { class: "ranges", "aria-label": words("questions.time") }, WEEKS.map((count) =>
      link(words("questions.weeks", { count: Number(count || FEW) }), "questions", { ...visit.query, weeks: count }, "", { "aria-current": count === weeks && "true" }))),
    el("div", { class: "even" }, filters(FIELDS(), "questions", visit, draw))), place);
  await attempt(place, async () => {
    const from = monday(Number(weeks || FEW));
    views = await Promise.all(["cohorts", "sign_ins", "confirmations"].map(async (view) =>
      (await ask("GET", queried(`/insights/views/${view}`, { from }))).body));
    draw(visit.query);
  });
}

/** The Monday, in UTC, of so many weeks ago. */
function monday(weeks) {
  const today = new Date(Math.floor(Date.now() / DAY) * DAY);
  return new Date(today - ((today.getUTCDay() + 6) % 7) * DAY - (weeks - 1) * 7 * DAY).toISOString().slice(0, 10);
}

function drawViews([cohorts, signIns, confirmations], { came, source: chosen }, visit) {
  const source = SOURCES.includes(chosen) ? chosen : SOURCES[0];
  const counted = [cohorts, signIns, confirmations].map(({ as_of: at }) => at).find(Boolean);
  if (!counted) return [empty(words("questions.uncounted"), words("questions.uncounted-text"))];
  return [
    card(words("questions.cohorts"), el("p", { class: "small" }, words("questions.cohorts-text")), cohortTable(cohorts.rows.filter(({ imported }) => imported === (came === "imports")))),
    el("div", { class: "columns" }, card("", methods(signIns.rows, visit)), card("", safety(signIns.rows, visit))),
    card(words("questions.confirmations"), el("p", { class: "small" }, words("questions.confirmations-text")),
      confirmationTable(confirmations.rows.filter((row) => row.source === source))),
    el("p", { class: "small" }, words("questions.counted"), " ", time(counted)),
  ];
}

/** A row for each week of arrival, the newest first, and a column for each week since. */
function cohortTable(rows) {
  const weeks = [...Map.groupBy(rows, ({ week }) => week)].reverse();
  if (!weeks.length) return el("p", { class: "soft" }, words("questions.nobody-arrived"));
  const longest = Math.min(Math.max(...weeks.map(([, cells]) => cells.length)), LATER);
  return table(words("questions.cohorts"), [
    { title: words("questions.week"), cell: ([week]) => DATES.format(new Date(week)), kind: "narrow" },
    { title: words("questions.people"), cell: ([, [{ people }]]) => number(people), kind: "number" },
    ...Array.from({ length: longest }, (_, later) => ({ title: words("questions.week-later", { count: later }), cell: ([, cells]) => backCell(cells[later]), kind: "number later" })),
  ], weeks);
}

function backCell(cell) {
  if (!cell) return el("span", { class: "nothing" });
  const shade = Math.ceil((cell.came_back / cell.people) * SHADES);
  return el("span", { class: `shade shade-${shade}`, title: `${number(cell.came_back)} / ${number(cell.people)}` }, WHOLE.format(cell.came_back / cell.people));
}

function methods(rows, visit) {
  const present = METHODS.filter((method) => rows.some((row) => row.method === method));
  return byDay(words("questions.sign-ins"), rows, visit, present.map((method) =>
    ({ label: words(`questions.method-${method}`), count: (row) => (row.method === method ? row.sign_ins : 0) })));
}

function safety(rows, visit) {
  return byDay(words("questions.safety"), rows, visit, ["sign_ins", "with_second_factor", "on_new_device"].map((name) =>
    ({ label: words(`questions.${name.replaceAll("_", "-")}-label`), count: (row) => row[name] })));
}

function byDay(title, rows, visit, series) {
  const days = [...Map.groupBy(rows, ({ day }) => day)];
  const sum = (some, count) => some.reduce((total, row) => total + count(row), 0);
  return overTime({
    title,
    starts: days.map(([day]) => `${day}T00:00:00Z`),
    written: (stamp) => DATES.format(new Date(stamp)),
    series: series.map(({ label, count }) => ({ label, counts: days.map(([, some]) => sum(some, count)) })),
    visit,
  });
}

function confirmationTable(rows) {
  if (!rows.length) return el("p", { class: "soft" }, words("questions.nobody-arrived"));
  const part = (name) => (row) => el("span", { title: number(row[name]) }, share(row[name], row.registered));
  return table(words("questions.confirmations"), [
    { title: words("questions.week"), cell: ({ week }) => DATES.format(new Date(week)), kind: "narrow" },
    { title: words("questions.registered"), cell: ({ registered }) => number(registered), kind: "number" },
    { title: words("questions.confirmed"), cell: part("confirmed"), kind: "number" },
    { title: words("questions.signed-in"), cell: part("signed_in"), kind: "number" },
    { title: words("questions.half-within"), cell: ({ p50_seconds: seconds }) => lasting(seconds), kind: "number" },
    { title: words("questions.most-within"), cell: ({ p90_seconds: seconds }) => lasting(seconds), kind: "number" },
  ], rows.toReversed());
}
