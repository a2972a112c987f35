// The feed of all events, live: the newest on top, as long as somebody looks.
import { ask } from "../shared/session.js";
import { hasWords, words } from "../shared/words.js";
import { attempt } from "../shared/forms.js";
import { badge, button, el, empty, placed, time } from "./elements.js";
import { allTypes } from "./event-types.js";
import { aboutWhom, byWhom } from "./event-words.js";
import { filters, queried, table } from "./lists.js";
import { link } from "./pages.js";
import { isSerious, typeWords } from "./people-words.js";
import { watch } from "./watching.js";

const SECONDS = 3;
const AT_ONCE = 25;
const PAGES_AT_ONCE = 4;
const MOST_SHOWN = 200;
const AGES = { "15m": 15, "1h": 60, "24h": 24 * 60, "7d": 7 * 24 * 60 };

/** The tab. */
export async function show(main, visit) {
  const place = placed("div", { class: "listing stack" });
  const state = el("p", { class: "small", role: "status" });
  const pause = button(words("events.pause"), () => {
    paused = !paused;
    pause.textContent = words(paused ? "events.go-on" : "events.pause");
    pause.setAttribute("aria-pressed", String(paused));
    draw();
  });
  let paused = false;
  let feed = null;

  /** Begin anew with these filters. Whatever an earlier beginning still gets is for nobody. */
  const begin = async (values) => {
    const mine = { query: wanted(values), after: null, items: [], caughtUp: false, ended: false };
    feed = mine;
    await attempt(place, () => watch(visit, SECONDS, async () => {
      if (feed !== mine || mine.ended) return false;
      if (!paused) await follow(mine);
      return feed === mine && !mine.ended;
    }));
  };

  const follow = async (mine) => {
    // The first look is short, so that something is there at once.
    const most = mine.after ? PAGES_AT_ONCE : 1;
    for (let pages = 0; pages < most; pages += 1) {
      const position = mine.after ? { ...mine.query, from: "", after: mine.after } : mine.query;
      const { body } = await ask("GET", queried("/events", { ...position, limit: AT_ONCE }));
      if (feed !== mine || visit.signal.aborted) return;
      mine.caughtUp = body.next === mine.after || body.items.length < AT_ONCE;
      mine.ended = body.at_end;
      mine.after = body.next;
      mine.items = [...body.items.toReversed(), ...mine.items].slice(0, MOST_SHOWN);
      if (body.items.length || !pages) draw();
      if (mine.caughtUp || mine.ended) return;
    }
  };

  const draw = () => {
    if (!feed) return;
    const problem = place.querySelector("[data-problem]");
    const none = empty(words(feed.caughtUp || feed.ended ? "events.none" : "common.moment"), words("events.none-text"));
    place.replaceChildren(problem, feed.items.length ? table(words("console.events"), COLUMNS(), feed.items) : none);
    pause.hidden = feed.ended;
    state.textContent = stateOf(feed, paused);
  };

  main.append(el("section", { class: "card stack" },
    filters(await fields(), "events", visit, begin),
    el("p", { class: "actions small-actions" }, pause, state),
    place));
  await begin(visit.query);
}

function stateOf({ ended, caughtUp, items }, paused) {
  const count = { count: items.length };
  if (ended) return words("events.all-there", count);
  if (paused) return words("events.paused", count);
  return words(caughtUp ? "events.live" : "events.catching-up", count);
}

async function fields() {
  const types = (await allTypes()).map((type) => [type, `${typeWords(type)} (${type})`]);
  return [
    { name: "user", label: words("events.user"), type: "search", hint: words("events.user-hint") },
    { name: "type", label: words("events.type"), options: [["", words("events.every-type")], ...groups(types), ...types] },
    { name: "ago", label: words("events.ago"), options: Object.keys(AGES).map((age) => [age === "15m" ? "" : age, words(`events.ago-${age}`)]) },
    { name: "since", label: words("events.since"), type: "datetime-local" },
    { name: "until", label: words("events.until"), type: "datetime-local" },
  ];
}

/** Several types at once: all of a kind, and what one looks at twice. */
function groups(types) {
  const names = types.map(([type]) => type);
  const kinds = [...new Set(names.map((type) => type.split(".")[0]))].filter((kind) => names.filter((type) => type.startsWith(`${kind}.`)).length > 1);
  return [
    [names.filter(isSerious).join(","), words("events.serious")],
    ...kinds.map((kind) => [names.filter((type) => type.startsWith(`${kind}.`)).join(","), hasWords(`events.kind-${kind}`) ? words(`events.kind-${kind}`) : `${kind}.*`]),
  ];
}

/** What to ask the feed for; the times in the address are those of the reader's zone. */
function wanted({ user, type, ago, since, until }) {
  const begin = since ? new Date(since) : new Date(Date.now() - (AGES[ago] ?? AGES["15m"]) * 60_000);
  return { user, type, from: begin.toISOString(), to: until ? new Date(until).toISOString() : "" };
}

const COLUMNS = () => [
  { title: words("events.time"), cell: ({ time: at }) => time(at), kind: "narrow" },
  { title: words("events.what"), cell: (event) => el("span", { class: "badges" },
    link(typeWords(event.type), "events", { event: event.id, subject: event.subject, time: event.time }),
    isSerious(event.type) && badge(words("events.look-twice"), "bad")) },
  { title: words("events.about"), cell: aboutWhom },
  { title: words("events.by"), cell: byWhom },
];
