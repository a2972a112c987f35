// The alarms: what rings, since when and why.
import { ask } from "../shared/session.js";
import { hasWords, words } from "../shared/words.js";
import { badge, card, el, empty, time } from "./elements.js";
import { table } from "./lists.js";

const KINDS = { alarm: "bad", ok: "good" };
const ORDER = ["alarm", "insufficient_data", "ok"];

/** The tab. */
export async function show(main) {
  const { body: { items: alarms } } = await ask("GET", "/operations/alarms");
  const sorted = [...alarms].sort((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state));
  main.append(card("", alarms.length ? table(words("operations.tab-alarms"), [
    { title: words("operations.name"), cell: ({ name, description }) => el("div", {}, el("code", {}, name), el("p", { class: "small" }, description)) },
    { title: words("operations.state"), cell: ({ state }) => badge(stateWords(state), KINDS[state] ?? "quiet"), kind: "narrow" },
    { title: words("operations.since"), cell: ({ since }) => time(since), kind: "narrow" },
    { title: words("operations.reason"), cell: ({ reason }) => reason || null },
  ], sorted) : empty(words("operations.no-alarms"), words("operations.no-alarms-text"))));
}

function stateWords(state) {
  const key = `operations.state-${state}`;
  return hasWords(key) ? words(key) : state;
}
