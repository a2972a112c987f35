// Fields of what the API takes as JSON: lists as lines or words, numbers, objects. Which ones are shown follows from what
// is chosen in others.
import { Refused } from "../shared/api.js";
import { Hindered } from "../shared/errors.js";
import { words } from "../shared/words.js";
import { dialogField } from "./dialogs.js";
import { el } from "./elements.js";

const split = (text, by) => [...new Set(text.split(by).map((part) => part.trim()).filter(Boolean))];

/** How a value is typed, and read again. Nothing is null, or an empty list. */
const KINDS = {
  text: { show: (value) => value ?? "", read: (text) => text.trim() || null },
  lines: { show: (value) => (value ?? []).join("\n"), read: (text) => split(text, "\n"), rows: 3 },
  words: { show: (value) => (value ?? []).join(" "), read: (text) => split(text, /[\s,]+/) },
  number: { show: (value) => value ?? "", read: (text) => (text === "" ? null : Number(text)) },
  tick: { show: Boolean, read: Boolean },
  choice: { show: (value) => value, read: (value) => value },
  json: { show: (value) => (value ? JSON.stringify(value, null, 2) : ""), read: parsed, rows: 6 },
};

function parsed(text) {
  if (!text.trim()) return null;
  let value = null;
  try {
    value = JSON.parse(text);
  } catch {
    // Said below.
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Hindered(words("console.no-object"));
  return value;
}

/**
 * Fields as `asked` takes them, with the values of `present`. Each is as of `dialogField`, with `as`, a kind; `only(shown)`,
 * whether it is asked for beside the values that are chosen; and `rare` for one that is folded away. `read(values)` gives
 * the object of those that are shown, and `opening(send)` lets a field that is folded away be seen where it is wrong.
 */
export function objectFields(fields, present, prefix) {
  const made = fields.map((field) => ({ ...field, ...KINDS[field.as ?? "text"], element: element(field, present[field.name], prefix) }));
  const rare = el("details", {}, el("summary", {}, words("console.more-fields")), el("div", { class: "stack" }, made.filter((field) => field.rare).map((field) => field.element)));
  const inputOf = ({ element: place }) => place.querySelector("[name]");
  const draw = () => {
    const chosen = Object.fromEntries(made.filter(({ as }) => as === "choice").map((field) => [field.name, inputOf(field).value]));
    for (const { only, element: place } of made) place.hidden = Boolean(only) && !only({ ...present, ...chosen });
  };
  for (const field of made.filter(({ as }) => as === "choice")) inputOf(field).addEventListener("change", draw);
  draw();
  return {
    elements: [...made.filter((field) => !field.rare).map((field) => field.element), ...(made.some((field) => field.rare) ? [rare] : [])],
    read: (values) => Object.fromEntries(made.filter(({ name }) => name in values).map(({ name, read }) => [name, read(values[name])])),
    opening: (send) => async (values) => {
      try {
        return await send(values);
      } catch (error) {
        const wrong = error instanceof Refused ? error.fields.map(({ field }) => field.split(".")[0]) : [];
        if (made.some((field) => field.rare && wrong.includes(field.name))) rare.open = true;
        throw error;
      }
    },
  };
}

function element({ as = "text", only, rare, ...field }, value, prefix) {
  const kind = KINDS[as];
  const shown = kind.show(value);
  const more = as === "tick" ? { type: "checkbox", checked: shown } : { value: shown, rows: kind.rows ?? field.rows, type: as === "number" ? "number" : field.type };
  return dialogField({ ...field, ...more }, prefix);
}

/** What of `wanted` is another than it is in `present`. */
export function changes(present, wanted) {
  return Object.fromEntries(Object.entries(wanted).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(present[name])));
}

/** What of `wanted` says something: neither null, nor false, nor an empty list. */
export function saying(wanted) {
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== null && value !== false && !(Array.isArray(value) && !value.length)));
}

/** The same names with the values of another object, for whoever wants to go back. */
export function those(names, values) {
  return Object.fromEntries(Object.keys(names).map((name) => [name, values[name] ?? null]));
}
