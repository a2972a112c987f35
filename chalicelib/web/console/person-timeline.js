// Everything that happened to a person: what changed from what to what, by whom, and by which request.
import { words } from "../shared/words.js";
import { ask } from "../shared/session.js";
import { attempt, onPress } from "../shared/forms.js";
import { button, copyable, el, empty, json, placed, time } from "./elements.js";
import { queried } from "./lists.js";
import { link } from "./pages.js";
import { isSerious, typeWords } from "./people-words.js";
import { READER } from "./reader.js";

const AT_ONCE = 25;

/** The tab. */
export async function show(main, person, visit) {
  const list = el("ol", { class: "timeline" });
  const more = button(words("people.earlier"), () => {}, { hidden: true });
  const place = placed("div", { class: "stack" }, list, el("p", { class: "actions" }, more));
  let next = null;
  const load = async () => {
    const { body } = await ask("GET", queried(`${person.path}/history`, { limit: AT_ONCE, cursor: next }));
    next = body.next;
    more.hidden = !next;
    list.append(...body.items.map((event) => entry(event, person)));
    if (!list.children.length && !next) list.replaceWith(empty(words("people.no-events"), words("people.no-events-text")));
  };
  onPress(more, place, load);
  main.append(el("section", { class: "card" }, place));
  await attempt(place, load);
}

function entry(event, person) {
  const title = typeWords(event.type);
  return el("li", { class: isSerious(event.type) ? "bad" : false },
    el("h2", {}, READER.isAdmin ? link(title, "events", { event: event.id, subject: event.subject, time: event.time }) : title, el("span", { class: "small" }, time(event.time))),
    changed(event),
    event.actor && el("p", { class: "small" }, by(event, person)),
    el("details", {}, el("summary", {}, words("people.whole-event")), json(event, title), event.requestid && el("p", { class: "small" }, words("people.request"), " ", copyable(event.requestid))));
}

/** Who did it, as far as the event says. */
function by({ actor }, person) {
  if (actor === person.id) return words("people.by-themselves");
  if (actor === READER.id) return words("people.by-you");
  return [words("people.by"), " ", link(actor, "people", {}, actor)];
}

/** From what to what. When a record was written is the time of the event, and no change of its own. */
function changed({ data }) {
  if (data.data_omitted) return el("p", { class: "small" }, words("people.omitted"));
  const before = data.previous ?? {};
  const after = data.user ?? {};
  const names = data.changed ?? Object.keys(before);
  const rows = names.filter((name) => name !== "updated_at" && (name in before || name in after)).map((name) =>
    el("li", {}, el("code", {}, name), " ", el("del", {}, shown(before[name])), " → ", el("ins", {}, shown(after[name]))));
  const rest = ["reason", "key", "agent", "method"].filter((name) => typeof data[name] === "string").map((name) => el("li", {}, el("code", {}, name), " ", el("ins", {}, data[name])));
  return rows.length + rest.length > 0 && el("ul", { class: "changes" }, rows, rest);
}

function shown(value) {
  if (value === undefined || value === null) return "–";
  return typeof value === "string" ? value : JSON.stringify(value);
}
