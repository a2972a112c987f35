// Where the columns of a table of no known system go: each of them is chosen, and how its values are read.
import { words } from "../shared/words.js";
import { el } from "./elements.js";
import { table } from "./lists.js";

const OTHERS = "*";
const NOWHERE = "";
const LONGEST = 200;
const LONGEST_MEMBER = 180;
const FIELDS = ["id", "email", "email_verified", "name", "birthdate", "age", "locale", "password_hash", "totp_secret", "status", "roles", "terms_version", "terms_accepted_at"];
const OF_MEMBERS = ["", "text", "truth", "number", "date", "epoch", "json", "list"];
const CONVERSIONS = { email_verified: ["", "set"], birthdate: ["", "dmy", "mdy"], status: ["enabled", "disabled", ""], attributes: OF_MEMBERS, metadata: OF_MEMBERS };
const USUALLY = { email_verified: "verified", birthdate: "ymd", status: "status" };

/**
 * The table of a file's `columns`, as they are `suggested`. `columns()` gives what is chosen, as an import takes it;
 * `show(columns)` says what became of each by that. The selects have no names, so that no form sends them.
 */
export function mappingOf({ suggested, columns }) {
  const rows = columns.map((column) => columnRow(column, suggested[column.column]));
  const others = select(words("imports.others-go"), [OTHERS, "metadata.legacy.*", "attributes.*"].map((target, place) => (place ? [target, target] : [NOWHERE, words("imports.left-out")])), suggested[OTHERS] ?? NOWHERE);
  const last = { name: el("strong", {}, words("imports.all-others")), values: words("imports.others-text"), goes: el("div", { class: "choices" }, others) };
  const title = words("imports.columns-title");
  return {
    element: el("div", { class: "stack" }, el("h3", {}, title), el("p", {}, words("imports.mapping-text")), table(title, [
      { title: words("imports.column"), cell: ({ name }) => name },
      { title: words("imports.its-values"), cell: ({ values }) => (values ? el("span", { class: "soft" }, values) : null) },
      { title: words("imports.goes-to"), cell: ({ goes }) => goes, kind: "choice" },
    ], [...rows, last])),
    columns: () => Object.fromEntries([...rows.map(({ column, target }) => [column, target()]).filter(([, target]) => target !== OTHERS), ...(others.value ? [[OTHERS, others.value]] : [])]),
    show: (now) => {
      const became = new Map(now.map((each) => [each.column, each]));
      for (const row of rows) row.show(became.get(row.column));
    },
  };
}

function columnRow({ column, values }, suggested = OTHERS) {
  const [path, conversion = ""] = suggested.split(":");
  const goes = select(words("imports.column-goes", { column }), targets(column, path), path);
  const read = el("select", { "aria-label": words("imports.column-read", { column }) });
  const note = el("span", { class: "small" });
  const offer = (chosen) => {
    const [field] = goes.value.split(".");
    const offered = CONVERSIONS[field] ?? [];
    read.hidden = !offered.length;
    read.replaceChildren(...offered.map((each) => el("option", { value: each, selected: each === chosen }, words(`imports.read-${each || USUALLY[field] || "usual"}`))));
  };
  offer(conversion);
  goes.addEventListener("input", () => offer());
  return {
    column,
    name: el("code", {}, column),
    values: values.join(" · "),
    goes: el("div", { class: "choices" }, goes, read, note),
    target: () => (read.value && !read.hidden ? `${goes.value}:${read.value}` : goes.value),
    show: (became) => {
      note.textContent = goes.value === NOWHERE || !became ? "" : outcome(became);
    },
  };
}

/** What is to be said of a column that comes to nothing. */
function outcome({ fields, left_out: leftOut }) {
  if (leftOut) return words("imports.left-out");
  return fields.length ? "" : words("imports.says-nothing");
}

/** Where a column can go, with the text of each. What is no name for a member here is written as one. */
function targets(column, current) {
  if (!column || column.length > LONGEST) return [[OTHERS, words("imports.as-others")]];
  const member = column.replace(/[:*]/g, "_").split(".").filter(Boolean).join(".").slice(0, LONGEST_MEMBER);
  const members = member ? [`attributes.${member}`, `metadata.legacy.${member}`] : [];
  const paths = [...new Set([...FIELDS, ...members, ...([OTHERS, NOWHERE].includes(current) ? [] : [current])])];
  return [[OTHERS, words("imports.as-others")], [NOWHERE, words("imports.left-out")], ...paths.map((path) => [path, path])];
}

function select(label, options, value) {
  return el("select", { "aria-label": label }, options.map(([key, text]) => el("option", { value: key, selected: key === value }, text)));
}
