// What the stage is set to, where that is said, and what it is for. Nothing secret is in it.
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { badge, el, empty, number } from "./elements.js";
import { filters, table } from "./lists.js";
import { heading } from "./pages.js";

const SOURCES = ["stages", "deployment", "default", "unseen"];
const FIELDS = () => [
  { name: "q", label: words("settings.search"), type: "search", hint: words("settings.search-hint") },
  { name: "source", label: words("settings.where"), options: [["", words("console.any")], ...SOURCES.map((source) => [source, words(`settings.source-${source}`)])] },
];

export async function start(main, visit) {
  const { body: { items } } = await ask("GET", "/settings");
  const place = el("div", { class: "stack" });
  const draw = (values) => {
    const found = items.filter((setting) => fits(setting, values));
    place.replaceChildren(...(found.length
      ? [table(words("console.settings"), columns(), found), el("p", { class: "small", role: "status" }, words("settings.count", { count: found.length, all: number(items.length) }))]
      : [empty(words("settings.none-found"), words("settings.none-found-text"))]));
  };
  main.append(
    heading(words("console.settings")),
    el("section", { class: "card stack" }, el("p", { class: "soft" }, words("settings.text")), filters(FIELDS(), "settings", visit, draw), place),
  );
  draw(visit.query);
}

function fits({ name, value, purpose, set_in: source }, { q = "", source: wanted = "" }) {
  const text = `${name} ${value ?? ""} ${purpose}`.toLowerCase();
  return q.toLowerCase().split(/\s+/).every((word) => text.includes(word)) && (!wanted || source === wanted);
}

function columns() {
  return [
    { title: words("settings.name"), cell: ({ name, purpose }) => el("div", {}, el("code", {}, name), el("p", { class: "small" }, purpose)) },
    { title: words("settings.value"), cell: value, kind: "fifth" },
    { title: words("settings.default"), cell: ({ default: usual }) => (usual ? el("code", { class: "soft" }, usual) : null), kind: "fifth" },
    { title: words("settings.where"), cell: ({ set_in: source }) => badge(words(`settings.source-${source}`), source === "default" ? "quiet" : ""), kind: "narrow" },
  ];
}

function value({ value: text, is_secret: isSecret, is_set: isSet, set_in: source }) {
  if (isSecret) return badge(words(isSet ? "settings.is-set" : "settings.not-set"), isSet ? "good" : "quiet");
  if (source === "unseen") return el("span", { class: "soft" }, words("settings.not-seen"));
  return text ? el("code", {}, text) : null;
}
