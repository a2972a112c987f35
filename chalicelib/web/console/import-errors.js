// The refused rows of an import: what is wrong with each is marked, can be mended where it stands, and sent again.
import { save } from "../shared/files.js";
import { onPress, onSend } from "../shared/forms.js";
import { Hindered } from "../shared/errors.js";
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { button, el, number, placed } from "./elements.js";
import { who } from "./import-preview.js";
import { say } from "./pages.js";

const AT_ONCE = 25;
const MOST_SENT = 1000;
const TEXTS = new Set(["id", "email", "name", "birthdate", "locale", "terms_version", "terms_accepted_at", "status", "user_id", "item_id", "item_key", "at"]);
const TYPED = new Set(["email_verified", "age", "attributes", "metadata", "roles", "identities", "item_value", "deleted"]);
const SECRETS = new Set(["password_hash", "totp_secret"]);

/** The card of a job's refused rows, which are asked for when somebody wants to see them. `again` is called after some
 * were sent again. */
export function refusedRows(job, path, { mendable, again }) {
  const open = el("button", { type: "button", class: "secondary" }, words("imports.show-refused", { count: job.counts.failed }));
  const place = placed("section", { class: "card stack" }, el("h2", {}, words("imports.refused-rows")), el("p", { class: "actions" }, open));
  onPress(open, place, async () => {
    const { body } = await ask("GET", `${path}/errors`);
    const rows = byRow(body.items);
    open.parentElement.replaceWith(el("p", {}, words(mendable ? "imports.mend-text" : "imports.trial-text")), mending(rows, job, path, mendable, again));
  });
  return place;
}

/** Each refused row once, with all its faults. */
function byRow(faults) {
  const rows = new Map();
  for (const { line, field, reason, row } of faults) {
    const known = rows.get(row._ref) ?? { line, row, faults: [] };
    known.faults.push({ field, reason });
    rows.set(row._ref, known);
  }
  return [...rows.values()];
}

function mending(rows, job, path, mendable, again) {
  const body = el("tbody", {});
  const more = button(words("common.more"), () => show(), { hidden: true });
  const shown = [];
  const show = () => {
    for (const each of rows.slice(shown.length, shown.length + AT_ONCE)) {
      const made = mendableRow(each, mendable);
      shown.push(made);
      body.append(made.element);
    }
    more.hidden = shown.length >= rows.length;
  };
  show();
  const form = placed("form", { class: "stack" },
    el("div", { class: "table" }, el("table", {}, el("caption", { class: "unseen" }, words("imports.refused-rows")),
      el("thead", {}, el("tr", {}, [mendable && "imports.send", "imports.line", "imports.who", "imports.wrong"].filter(Boolean).map((key) => el("th", { scope: "col", class: key === "imports.line" && "number" }, words(key))))), body)),
    el("p", { class: "actions small-actions" },
      mendable && el("button", {}, words("imports.send-again")),
      more,
      button(words("imports.save-file"), () => save(rows.map(({ row, line, faults }) => JSON.stringify({ ...row, _line: line, _errors: faults })).join("\n"), `import-${job.id}-errors.ndjson`, "application/x-ndjson"))));
  onSend(form, async () => {
    const mended = shown.filter(({ isChosen }) => isChosen()).map(({ mended: values }) => values());
    if (!mended.length) throw new Hindered(words("imports.none-chosen"));
    if (mended.length > MOST_SENT) throw new Hindered(words("imports.too-many", { count: MOST_SENT }));
    await ask("POST", `${path}/retry`, { rows: mended });
    say(words("imports.sent-again", { count: mended.length }));
    await again();
  }, { 409: "imports.no-retry", 410: "imports.retry-too-late" });
  return form;
}

/** One row: the fields that are wrong as fields to type in, if it can be mended. */
function mendableRow({ line, row, faults }, mendable) {
  const tick = el("input", { type: "checkbox", "aria-label": words("imports.send-line", { line }) });
  const names = [...new Set(faults.map(({ field }) => field))];
  const inputs = new Map();
  const cells = names.map((name) => {
    const reasons = faults.filter(({ field }) => field === name).map(({ reason }) => reason).join("; ");
    const wrong = el("p", { class: "complaint", lang: "en" }, el("code", {}, name), " ", reasons);
    const whole = name === "(row)";
    const known = whole || TEXTS.has(name) || TYPED.has(name) || SECRETS.has(name);
    if (!mendable || !known) return el("div", { class: "field" }, wrong, mendable && el("p", { class: "small" }, words("imports.goes-without")));
    const { _ref, ...values } = row;
    const before = whole ? JSON.stringify(values) : shownAs(name, row[name]);
    const id = `mend-${row._ref}-${name}`;
    const input = whole || before.length > 60
      ? el("textarea", { id, rows: 3, spellcheck: "false", "aria-label": words("imports.value-of", { name, line }), "aria-describedby": `${id}-wrong`, "aria-invalid": "true" }, before)
      : el("input", { id, value: before, autocomplete: "off", spellcheck: "false", "aria-label": words("imports.value-of", { name, line }), "aria-describedby": `${id}-wrong`, "aria-invalid": "true", placeholder: SECRETS.has(name) && words("imports.secret-hint") });
    wrong.id = `${id}-wrong`;
    input.addEventListener("input", () => {
      tick.checked = true;
    });
    inputs.set(name, { input, before });
    return el("div", { class: "field" }, wrong, input);
  });
  return {
    element: el("tr", {},
      mendable && el("td", { class: "narrow", data: { label: words("imports.send") } }, tick),
      el("td", { class: "number", data: { label: words("imports.line") } }, number(line)),
      el("td", { data: { label: words("imports.who") } }, who(row)),
      el("td", { data: { label: words("imports.wrong") } }, el("div", { class: "stack" }, cells))),
    isChosen: () => tick.checked,
    mended: () => mendedValues(row, inputs),
  };
}

function mendedValues(row, inputs) {
  const values = { ...row };
  for (const [name, { input, before }] of inputs) {
    if (name === "(row)") Object.assign(values, parsed(input.value) ?? {});
    else if (SECRETS.has(name)) values[name] = input.value.trim() || null;
    else if (input.value !== before) values[name] = valueOf(name, input.value);
  }
  return { ...values, _ref: row._ref };
}

function shownAs(name, value) {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What was typed: nothing is no value; what is no text in a row is JSON. */
function valueOf(name, text) {
  if (!text.trim()) return null;
  return TYPED.has(name) ? (parsed(text) ?? text) : text;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
