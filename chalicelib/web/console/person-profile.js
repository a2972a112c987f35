// Who a person is, and who they were at another time.
import { ask } from "../shared/session.js";
import { Hindered } from "../shared/errors.js";
import { attempt } from "../shared/forms.js";
import { words } from "../shared/words.js";
import { asked } from "./dialogs.js";
import { button, card, copyable, el, facts, json, placed, time } from "./elements.js";
import { address, note, reopen } from "./pages.js";
import { READER } from "./reader.js";

const TEXTS = ["name", "birthdate", "locale"];
const OBJECTS = ["attributes", "metadata"];

/** The tab. */
export async function show(main, person, visit) {
  const place = placed("div", { class: "stack" });
  const at = el("input", { id: "as-of", type: "datetime-local", value: local(visit.query.at), max: local(new Date()) });
  at.addEventListener("change", () => {
    const moment = at.value ? new Date(at.value).toISOString() : "";
    note(address("people", { ...visit.query, at: moment }, visit.id));
    attempt(place, () => draw(moment));
  });
  const draw = async (moment) => {
    const body = moment ? (await ask("GET", `${person.path}?at=${encodeURIComponent(moment)}`)).body : person;
    const problem = place.querySelector("[data-problem]");
    place.replaceChildren(problem, ...(moment ? [el("p", { class: "caution" }, words("people.as-of-note"), " ", time(moment))] : []), ...profile(body));
  };
  main.append(
    el("section", { class: "card stack" },
      el("div", { class: "heading" },
        el("p", { class: "field" }, el("label", { for: "as-of" }, words("people.as-of")), at),
        READER.isAdmin && button(words("people.edit"), () => edit(person))),
      place),
  );
  await attempt(place, () => draw(visit.query.at));
}

function profile(person) {
  const objects = OBJECTS.filter((name) => person[name] !== undefined);
  return [
    facts([
      [words("people.id"), copyable(person.id)],
      [words("common.name"), person.name ?? null],
      [words("common.email"), person.email ? copyable(person.email) : null],
      [words("people.age"), person.age ?? null],
      [words("people.birthdate"), person.birthdate ?? null],
      [words("people.locale"), person.locale ?? null],
      [words("people.since"), time(person.created_at)],
      [words("people.updated"), time(person.updated_at)],
      [words("people.version"), person.version],
      ...Object.entries(person).filter(([name, value]) => !SAID.has(name) && value !== null).map(([name, value]) => [name, typeof value === "object" ? JSON.stringify(value) : String(value)]),
    ]),
    ...objects.map((name) => el("div", { class: "stack" }, el("h2", {}, words(`people.${name}`)), json(person[name], words(`people.${name}`)))),
  ];
}

const SAID = new Set(["id", "name", "email", "email_verified", "age", "birthdate", "locale", "created_at", "updated_at", "version", "attributes", "metadata", "roles", "status", "path", "etag"]);

/** Change a person's own fields and the administrators' object; nothing of somebody else's change is written over. */
async function edit(person) {
  const sent = await asked({
    title: words("people.edit"),
    wide: true,
    fields: [
      { name: "name", label: words("common.name"), value: person.name ?? "" },
      { name: "birthdate", label: words("people.birthdate"), type: "date", value: person.birthdate ?? "" },
      { name: "locale", label: words("people.locale"), value: person.locale ?? "", hint: words("people.locale-hint") },
      ...OBJECTS.map((name) => ({ name, label: words(`people.${name}`), value: JSON.stringify(person[name] ?? {}, null, 2), rows: 6, hint: words("people.json-hint") })),
    ],
    action: words("common.save"),
    send: (values) => {
      const patch = changes(person, values);
      return Object.keys(patch).length ? ask("PATCH", person.path, patch, { version: person.etag }) : true;
    },
    complaints: { 412: "people.changed-meanwhile" },
  });
  if (!sent) return;
  const undo = sent === true ? undefined : () => restore(person, sent);
  await reopen(words("people.saved"), undo);
}

async function restore(person, { body, version }) {
  const before = Object.fromEntries([...TEXTS, ...OBJECTS].filter((name) => !same(person[name], body[name])).map((name) => [name, person[name] ?? null]));
  for (const name of OBJECTS) if (before[name]) before[name] = replacing(body[name], person[name]);
  await ask("PATCH", person.path, before, { version });
  await reopen(words("people.saved"));
}

/** The merge patch (RFC 7396) of what was changed in the form. */
function changes(person, values) {
  const patch = {};
  for (const name of TEXTS) if (values[name].trim() !== (person[name] ?? "")) patch[name] = values[name].trim() || null;
  for (const name of OBJECTS) {
    const wanted = parsed(values[name]);
    if (!same(wanted, person[name] ?? {})) patch[name] = replacing(person[name] ?? {}, wanted);
  }
  return patch;
}

/** The merge patch that leads from one object to another: what is gone is null. */
function replacing(before, after) {
  const gone = Object.keys(before ?? {}).filter((key) => !Object.hasOwn(after, key)).map((key) => [key, null]);
  const kept = Object.entries(after).map(([key, value]) => [key, plain(before?.[key]) && plain(value) ? replacing(before[key], value) : value]);
  return Object.fromEntries([...gone, ...kept]);
}

function plain(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function parsed(text) {
  let value;
  try {
    value = JSON.parse(text || "{}");
  } catch {
    value = null;
  }
  if (!plain(value)) throw new Hindered(words("people.no-json"));
  return value;
}

function same(one, other) {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}

/** A time as a field for times wants it, in the reader's zone. */
function local(moment) {
  if (!moment) return "";
  const date = new Date(moment);
  return new Date(date - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
