// What an import would make of the first rows of a file.
import { words } from "../shared/words.js";
import { badge, el, number } from "./elements.js";
import { table } from "./lists.js";

const ALONE = new Set(["id", "email", "name"]);
const USUAL = { email_verified: false, status: "active" };

/** Where each column goes. */
export function columnsOf({ columns }) {
  return [
    el("h3", {}, words("imports.columns-title")),
    el("ul", { class: "mapping" }, columns.map((column) => el("li", {}, el("code", {}, column.column), el("span", { class: "soft" }, "→"), becomes(column)))),
  ];
}

/** The rows as they would be imported. */
export function rowsOf({ rows }) {
  const title = words("imports.rows-title", { count: rows.length });
  return [el("h3", {}, title), rows.length ? table(title, ROWS(), rows) : el("p", { class: "soft" }, words("imports.no-rows"))];
}

function becomes({ fields, left_out: leftOut }) {
  if (leftOut) return el("span", { class: "soft" }, words("imports.left-out"));
  if (!fields.length) return el("span", { class: "soft" }, words("imports.says-nothing"));
  return el("span", { class: "badges" }, fields.map((field) => badge(field)));
}

const ROWS = () => [
  { title: words("imports.line"), cell: ({ line }) => number(line), kind: "number" },
  { title: words("imports.who"), cell: ({ row }) => who(row) },
  { title: words("imports.values"), cell: ({ row, password, totp }) => values(row, password, totp) },
  { title: words("imports.result"), cell: result },
];

/** Whom a row is about, or which item. */
export function who(row) {
  const [first, ...others] = [row.name, row.email, row.id, row.item_key, row.user_id].filter((value) => typeof value === "string" && value);
  return el("span", {}, first ?? "–", others.length > 0 && [el("br"), el("span", { class: "small" }, others.join(" · "))]);
}

function values(row, password, totp) {
  const said = Object.entries(row).filter(([name, value]) => !ALONE.has(name) && !isNothing(value) && value !== USUAL[name]);
  return el("ul", { class: "changes" },
    said.map(([name, value]) => el("li", {}, el("code", {}, name), " ", el("ins", {}, typeof value === "string" ? value : JSON.stringify(value)))),
    password && el("li", {}, badge(words("imports.password-of", { kind: password }))),
    totp && el("li", {}, badge(words("imports.totp"))));
}

function isNothing(value) {
  return value === null || value === "" || (typeof value === "object" && !Object.keys(value).length);
}

function result({ errors, left_out: leftOut }) {
  return el("div", {},
    errors.length ? badge(words("imports.would-be-refused"), "bad") : badge(words("imports.would-be-taken"), "good"),
    el("ul", { class: "changes" },
      errors.map(({ field, reason }) => el("li", { lang: "en" }, el("code", {}, field), " ", reason)),
      leftOut.map(({ field, name, reason }) => el("li", { class: "soft", lang: "en" }, el("code", {}, field === name ? name : `${field} ${name}`), " ", reason))));
}
