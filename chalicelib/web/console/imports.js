// Moving people in and out.
import { words } from "../shared/words.js";
import { el } from "./elements.js";
import { heading } from "./pages.js";
import { tabs } from "./tabs.js";

const TABS = {
  imports: { title: "imports.tab-imports", load: () => import("./import-list.js") },
  exports: { title: "imports.tab-exports", load: () => import("./exports.js") },
};

export async function start(main, visit) {
  const { nav, load } = tabs(TABS, "imports", visit, words("imports.title"));
  const tab = el("div", { class: "stack tab" });
  const { show } = await load();
  main.append(heading(words("imports.title")), nav, tab);
  await show(tab, visit);
}
