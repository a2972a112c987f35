// Finding people, and doing something with several of them.
import { words } from "../shared/words.js";
import { chooser } from "./choosing.js";
import { button, el, empty, time } from "./elements.js";
import { erasure } from "./erasure.js";
import { invite } from "./inviting.js";
import { filters, listing } from "./lists.js";
import { address, go, heading, link } from "./pages.js";
import { nameOf, roleBadges, statusBadge } from "./people-words.js";
import { READER } from "./reader.js";

const NEW_DAYS = 30;
const FIELDS = () => [
  { name: "q", label: words("people.search"), type: "search", hint: words("people.search-hint") },
  { name: "role", label: words("people.role") },
  { name: "min_age", label: words("people.min-age"), type: "number" },
  { name: "max_age", label: words("people.max-age"), type: "number" },
  { name: "after", label: words("people.after"), type: "date" },
  { name: "before", label: words("people.before"), type: "date" },
];

export async function start(main, visit) {
  const place = el("div", { class: "stack" });
  const chosen = READER.isAdmin ? chooser(() => show(visit.query)) : null;
  let latest = 0;
  const show = async (values) => {
    const mine = ++latest;
    const query = wanted(values);
    if (!query) return place.replaceChildren(empty(words("people.more-letters"), words("people.more-letters-text")));
    chosen?.clear();
    const list = await listing({
      visit,
      path: "/users",
      query,
      caption: words("console.people"),
      columns: [...(chosen ? [chosen.column] : []), ...columns()],
      none: empty(words(values.q ? "people.nobody" : "people.none"), words(values.q ? "people.nobody-text" : "people.none-text")),
    });
    if (mine === latest) place.replaceChildren(list);
  };
  main.append(...[
    heading(words("console.people"), READER.isAdmin && button(words("people.invite"), async () => {
      const person = await invite();
      if (person) go(address("people", {}, person.id));
    }, { class: false })),
    visit.query.erasure && READER.isAdmin && await erasure(visit),
    el("section", { class: "card stack" }, filters(FIELDS(), "people", visit, show), chosen?.bar, place),
  ].filter(Boolean));
  await show(visit.query);
}

/** What to ask the directory for; null where a name has too few letters to be looked for. Without any filter it is
 * whoever is new. */
function wanted({ q = "", role, min_age, max_age, after, before }) {
  const query = { role, min_age, max_age, created_after: after && `${after}T00:00:00Z`, created_before: before && `${before}T00:00:00Z` };
  if (q.includes("@")) query.email = q;
  else if (q) query.name = q;
  if (query.name && [...query.name].length < 2 && !/\p{Script=Han}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana}/u.test(query.name)) return null;
  if (!Object.values(query).some(Boolean)) query.created_after = new Date(Date.now() - NEW_DAYS * 86_400_000).toISOString();
  return query;
}

function columns() {
  return [
    { title: words("people.person"), cell: (person) => link(nameOf(person), "people", {}, person.id) },
    { title: words("common.email"), cell: (person) => person.email },
    { title: words("people.status"), cell: (person) => statusBadge(person), kind: "narrow" },
    { title: words("people.roles"), cell: (person) => roleBadges(person.roles) },
    { title: words("people.age"), cell: (person) => person.age, kind: "number" },
    { title: words("people.since"), cell: (person) => time(person.created_at), kind: "narrow" },
  ];
}
