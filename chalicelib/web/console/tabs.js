// Tabs of a page: which one it is, is in the address.
import { words } from "../shared/words.js";
import { el } from "./elements.js";
import { link } from "./pages.js";
import { READER } from "./reader.js";

/**
 * The tabs that the reader may open, as `nav`, and the `load` of the one that the address names. Of `tabs` each is
 * `{title, load, admin}`, by its name; the first of them needs none in the address. `label` is what they are about.
 */
export function tabs(all, part, visit, label) {
  const offered = Object.entries(all).filter(([, tab]) => READER.isAdmin || !tab.admin);
  const current = offered.find(([name]) => name === visit.query.tab) ?? offered[0];
  const nav = el("nav", { class: "tabs", "aria-label": label }, offered.map(([name, { title }]) =>
    link(words(title), part, { tab: name === offered[0][0] ? "" : name }, visit.id, { "aria-current": name === current[0] && "page" })));
  return { nav, load: current[1].load };
}
