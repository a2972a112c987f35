// Finding people by a filter, and giving it a name.
import { complain, onSend } from "../shared/forms.js";
import { words } from "../shared/words.js";
import { dialogField } from "./dialogs.js";
import { button, el, empty, placed, time } from "./elements.js";
import { faultOf } from "./filter-words.js";
import { listing } from "./lists.js";
import { address, link, note } from "./pages.js";
import { nameOf, roleBadges, statusBadge } from "./people-words.js";
import { READER } from "./reader.js";
import { addSegment } from "./segments.js";

const SORTS = ["-created_at", "created_at", "-last_sign_in_at", "last_sign_in_at", "name", "email", "age", "-age"];
const EXAMPLES = ["last_sign_in_at < -30d", "email_verified = false and created_at < -7d", "age 18..30 and attributes.plan = pro", "source = import and last_sign_in_at = null"];

/** The tab: a filter, and whom it means. */
export async function show(tab, visit) {
  const place = el("section", { class: "card stack" });
  const form = placed("form", { class: "stack", role: "search" },
    dialogField({ name: "q", label: words("questions.filter"), value: visit.query.q ?? "", hint: words("questions.filter-hint"), spellcheck: "false", class: "code" }, "search"),
    dialogField({ name: "sort", label: words("questions.sort"), value: visit.query.sort ?? SORTS[0], options: SORTS.map((sort) => [sort, words(`questions.sort-${sort}`)]) }, "search"),
    el("p", { class: "actions" }, el("button", {}, words("questions.search"))));
  let latest = 0;
  const look = async (values) => {
    const mine = ++latest;
    const found = await people(visit, values);
    if (mine !== latest) return;
    place.hidden = false;
    place.replaceChildren(...found);
  };
  onSend(form, async ({ q, sort }) => {
    const values = { q: q.trim(), sort: sort === SORTS[0] ? "" : sort };
    Object.assign(visit.query, values);
    note(address("questions", visit.query));
    try {
      await look(values);
    } catch (error) {
      const fault = faultOf(error);
      if (!fault) throw error;
      place.hidden = true;
      mark(form, fault);
    }
  });
  tab.append(el("section", { class: "card stack" }, form, el("details", {}, el("summary", {}, words("questions.examples")),
    el("ul", { class: "list" }, EXAMPLES.map((q) => el("li", {}, link(el("code", {}, q), "questions", { q })))))),
  place);
  if (visit.query.q === undefined) place.append(empty(words("questions.ask"), words("questions.ask-text")));
  else form.requestSubmit();
}

/** Say what is wrong with the filter, and take the keyboard to the character where it is. */
function mark(form, { at, text }) {
  complain(form, words("problem.check"), [{ field: "q", message: text }]);
  const input = form.elements.q;
  input.focus();
  if (at) input.setSelectionRange(at - 1, input.value.length);
}

/** How many the filter means, and the list of them. Throws what is wrong with the filter. */
async function people(visit, { q, sort }) {
  let refused = null;
  const count = el("p", { class: "small", role: "status" });
  const list = await listing({
    visit,
    path: "/people/search",
    query: { q, sort, count: true },
    caption: words("questions.people"),
    columns: personColumns(),
    none: empty(words("questions.nobody"), words("questions.nobody-text")),
    took: (_, { count: meant }) => {
      if (meant) count.textContent = words(meant.exact ? "questions.count" : "questions.count-about", { count: meant.value });
    },
    failed: (error) => {
      if (!faultOf(error)) throw error;
      refused = error;
    },
  });
  if (refused) throw refused;
  const keep = q && READER.isAdmin && button(words("questions.save"), () => addSegment(q));
  return [el("div", { class: "heading" }, count, keep), list];
}

/** The columns of a list of people. */
export function personColumns() {
  return [
    { title: words("questions.person"), cell: (person) => link(nameOf(person), "people", {}, person.id) },
    { title: words("common.email"), cell: (person) => person.email },
    { title: words("questions.status"), cell: statusBadge, kind: "narrow" },
    { title: words("questions.roles"), cell: (person) => roleBadges(person.roles) },
    { title: words("questions.age"), cell: (person) => person.age, kind: "number" },
    { title: words("questions.since"), cell: (person) => time(person.created_at), kind: "narrow" },
  ];
}
