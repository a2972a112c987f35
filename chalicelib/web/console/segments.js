// Filters that have a name.
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { asked } from "./dialogs.js";
import { badge, button, el, empty, time } from "./elements.js";
import { explained } from "./filter-words.js";
import { table } from "./lists.js";
import { address, go, link } from "./pages.js";
import { READER } from "./reader.js";

/** The tab. */
export async function show(tab, visit) {
  // There are 100 at most, and the API gives them at once.
  const { body: { items } } = await ask("GET", "/segments");
  if (visit.signal.aborted) return;
  const add = READER.isAdmin && button(words("questions.add-segment"), () => addSegment(), { class: false });
  tab.append(el("section", { class: "card stack" },
    el("div", { class: "heading" }, el("p", { class: "soft" }, words("questions.segments-text")), add),
    items.length ? table(words("questions.segments"), columns(), items) : empty(words("questions.no-segments"), words("questions.no-segments-text"))));
}

function columns() {
  return [
    { title: words("questions.segment"), cell: ({ id, name }) => link(name, "questions", {}, id) },
    { title: words("questions.filter"), cell: ({ filter }) => el("code", {}, filter) },
    { title: words("questions.events"), cell: watching, kind: "narrow" },
    { title: words("console.created"), cell: ({ created_at: at }) => time(at), kind: "narrow" },
  ];
}

/** Whether coming and going is an event. */
export function watching({ watched, settled }) {
  if (!watched) return badge(words("questions.unwatched"), "quiet");
  return settled ? badge(words("questions.watched"), "good") : badge(words("questions.settling"), "wait");
}

/** Ask for a segment, and go to it. */
export async function addSegment(filter = "") {
  const made = await asked({
    title: words("questions.add-segment"),
    text: words("questions.segment-text"),
    fields: segmentFields({ filter }),
    action: words("questions.add-segment"),
    send: (values) => explained(() => ask("POST", "/segments", values)),
  });
  if (made) await go(address("questions", {}, made.body.id));
}

/** The fields of a segment, for a dialog. */
export function segmentFields({ name = "", filter, watched = false }) {
  return [
    { name: "name", label: words("common.name"), value: name, required: true, maxlength: 100 },
    { name: "filter", label: words("questions.filter"), value: filter, required: true, rows: 3, hint: words("questions.filter-hint") },
    { name: "watched", label: words("questions.watch"), type: "checkbox", checked: watched, hint: words("questions.watch-hint") },
  ];
}
