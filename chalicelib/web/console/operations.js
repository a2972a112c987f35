// How the stage runs: queues, functions and alarms; dead letters, keys and the idle cost.
import { words } from "../shared/words.js";
import { el } from "./elements.js";
import { heading } from "./pages.js";
import { tabs } from "./tabs.js";

const TABS = {
  figures: { title: "operations.tab-figures", load: () => import("./operations-figures.js") },
  alarms: { title: "operations.tab-alarms", load: () => import("./operations-alarms.js") },
  "dead-letters": { title: "operations.tab-dead-letters", load: () => import("./dead-letters.js"), admin: true },
  keys: { title: "operations.tab-keys", load: () => import("./operations-keys.js"), admin: true },
};

export async function start(main, visit) {
  const { nav, load } = tabs(TABS, "operations", visit, words("operations.tabs"));
  const { show } = await load();
  const tab = el("div", { class: "tab" });
  main.append(heading(words("console.operations")), nav, tab);
  await show(tab, visit);
}
