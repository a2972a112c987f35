// A person's own items: key and value, as applications wrote them.
import { words } from "../shared/words.js";
import { card, el, empty, json, number, time } from "./elements.js";
import { listing } from "./lists.js";

/** The tab. */
export async function show(main, person, visit) {
  main.append(card("", el("p", { class: "soft" }, words("people.items-text")), await listing({
    visit,
    path: `${person.path}/items`,
    limit: 25,
    caption: words("people.tab-items"),
    none: empty(words("people.no-items"), words("people.no-items-text")),
    columns: [
      { title: words("people.key"), cell: ({ item_key }) => el("code", {}, item_key) },
      { title: words("people.value"), cell: ({ item_value, item_key }) => el("details", {}, el("summary", {}, brief(item_value)), json(item_value, item_key)) },
      { title: words("people.size"), cell: ({ size }) => number(size), kind: "number" },
      { title: words("people.updated"), cell: ({ updated_at }) => time(updated_at), kind: "narrow" },
    ],
  })));
}

function brief(value) {
  const text = JSON.stringify(value) ?? "";
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
