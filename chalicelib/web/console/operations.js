// How the stage runs: queues, functions and alarms; dead letters, keys and the idle cost.
import { words } from "../shared/words.js";
import { el } from "./elements.js";
import { heading, link } from "./pages.js";
import { READER } from "./reader.js";

const TABS = {
  figures: { title: "operations.tab-figures", load: () => import("./operations-figures.js") },
  alarms: { title: "operations.tab-alarms", load: () => import("./operations-alarms.js") },
  "dead-letters": { title: "operations.tab-dead-letters", load: () => import("./dead-letters.js"), admin: true },
  keys: { title: "operations.tab-keys", load: () => import("./operations-keys.js"), admin: true },
};

export async function start(main, visit) {
  const offered = Object.entries(TABS).filter(([, tab]) => READER.isAdmin || !tab.admin);
  const current = offered.find(([name]) => name === visit.query.tab) ?? offered[0];
  const { show } = await current[1].load();
  const tab = el("div", { class: "tab" });
  main.append(
    heading(words("console.operations")),
    el("nav", { class: "tabs", "aria-label": words("operations.tabs") }, offered.map(([name, { title }]) =>
      link(words(title), "operations", { tab: name === offered[0][0] ? "" : name }, "", { "aria-current": name === current[0] && "page" }))),
    tab,
  );
  await show(tab, visit);
}
