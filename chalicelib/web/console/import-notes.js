// What an import left out of its rows, or changed in them, and where it was told that their columns go.
import { words } from "../shared/words.js";
import { badge, button, card, el, number } from "./elements.js";
import { table } from "./lists.js";

const AT_FIRST = 10;
const KINDS = { left_out: "quiet", changed: "wait", warning: "bad" };

/** The cards; none where there is nothing to say. */
export function notesOf({ notes, options }) {
  return [notes.length > 0 && noted(notes), Object.keys(options?.columns ?? {}).length > 0 && mapped(options.columns)].filter(Boolean);
}

function noted(notes) {
  const title = words("imports.notes");
  const ordered = notes.toSorted((one, other) => other.rows - one.rows);
  const place = el("div", {});
  const draw = (shown) => place.replaceChildren(table(title, COLUMNS(), shown));
  draw(ordered.slice(0, AT_FIRST));
  const all = ordered.length > AT_FIRST && button(words("imports.show-all", { count: ordered.length }), () => {
    draw(ordered);
    const further = place.querySelectorAll("tbody tr")[AT_FIRST];
    further.tabIndex = -1;
    further.focus();
    all.parentElement.remove();
  });
  return card(title, el("p", {}, words("imports.notes-text")), place, all && el("p", { class: "actions small-actions" }, all));
}

const COLUMNS = () => [
  { title: words("imports.what-happened"), cell: ({ kind }) => badge(words(`imports.note-${kind}`), KINDS[kind]), kind: "narrow" },
  { title: words("imports.in-the-file"), cell: ({ name }) => el("code", {}, name) },
  { title: words("imports.count-rows"), cell: ({ rows }) => number(rows), kind: "number" },
];

function mapped(columns) {
  return card(words("imports.columns-title"), el("ul", { class: "mapping" }, Object.entries(columns).map(([column, target]) =>
    el("li", {}, el("code", {}, column === "*" ? words("imports.all-others") : column), el("span", { class: "soft" }, "→"), target ? badge(target) : el("span", { class: "soft" }, words("imports.left-out"))))));
}
