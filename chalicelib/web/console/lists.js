// Lists: filters whose values are in the address, and tables that are loaded a part at a time.
import { Cancelled } from "../shared/errors.js";
import { attempt, onPress } from "../shared/forms.js";
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { button, el, placed } from "./elements.js";
import { address, note } from "./pages.js";

const TYPING_MILLISECONDS = 250;
const AT_ONCE = 25;

/** A table of `items`. A column is `{title, cell(item), kind}`, whose kind is a class of its cells. */
export function table(caption, columns, items) {
  const body = el("tbody", {}, items.map((item) => row(columns, item)));
  return el("div", { class: "table" }, el("table", {}, el("caption", { class: "unseen" }, caption), el("thead", {}, el("tr", {}, columns.map(({ title, kind }) =>
    el("th", { scope: "col", class: kind ?? false }, title)))), body));
}

function row(columns, item) {
  return el("tr", {}, columns.map(({ title, cell, kind }) => {
    const content = cell(item);
    return el("td", { class: kind ?? false, data: { label: title } }, content ?? el("span", { class: "nothing" }, "–"));
  }));
}

/**
 * A list of the API, as a table that shows more when asked. `none` is shown where there is nothing. `path` may be a
 * function of the cursor. `took(items, answer)` sees each part; `failed(error)` may show what went wrong, and throws
 * what it does not. Resolves when the beginning is there; whatever else goes wrong is shown in its place.
 */
export async function listing({ visit, path, query = {}, caption, columns, none, limit = AT_ONCE, took = () => {}, failed = rethrow }) {
  const more = button(words("common.more"), () => {}, { hidden: true });
  const body = el("div", {});
  const count = el("p", { class: "small", role: "status" });
  const place = placed("div", { class: "listing stack" }, body, el("p", { class: "actions" }, more, count));
  let next = null;
  let shown = 0;
  const load = async () => {
    const { body: page } = await ask("GET", queried(path, { ...query, limit, cursor: next }));
    if (visit.signal.aborted) throw new Cancelled();
    next = page.next ?? null;
    more.hidden = !next;
    took(page.items, page);
    if (!shown && !page.items.length && !next) return body.replaceChildren(none);
    if (!shown) body.replaceChildren(table(caption, columns, page.items));
    else body.querySelector("tbody").append(...page.items.map((item) => row(columns, item)));
    shown += page.items.length;
    count.textContent = words(next ? "console.shown-so-far" : "console.shown", { count: shown });
  };
  onPress(more, place, load);
  await attempt(place, () => load().catch(failed));
  return place;
}

function rethrow(error) {
  throw error;
}

/** A path with its query; empty values are left out, a list of values is repeated. */
export function queried(path, query) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of [value].flat()) if (each !== "" && each !== null && each !== undefined) search.append(name, each);
  }
  return search.size ? `${path}?${search}` : path;
}

/**
 * A form of filters, which says `apply(values)` while one types, and keeps the address true. A field is `{name, label,
 * type, options: [[value, text]], hint}`.
 */
export function filters(fields, part, visit, apply) {
  const form = el("form", { class: "filters", role: "search" }, fields.map((field) => filterField(field, visit.query[field.name] ?? "")));
  let waiting = 0;
  const send = () => {
    clearTimeout(waiting);
    const values = Object.fromEntries(fields.map(({ name }) => [name, form.elements[name].value.trim()]));
    note(address(part, { ...visit.query, ...values }, visit.id));
    Object.assign(visit.query, values);
    apply(values);
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(send, TYPING_MILLISECONDS);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  visit.signal.addEventListener("abort", () => clearTimeout(waiting));
  return form;
}

function filterField({ name, label, type = "text", options, hint }, value) {
  const id = `filter-${name}`;
  const input = options
    ? el("select", { id, name }, options.map(([key, text]) => el("option", { value: key, selected: key === value }, text)))
    : el("input", { id, name, type, value, autocomplete: "off", spellcheck: "false", placeholder: hint });
  return el("p", { class: "field" }, el("label", { for: id }, label), input);
}
