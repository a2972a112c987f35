// Applications that people sign in to, and providers that they come from.
import { words } from "../shared/words.js";
import { el } from "./elements.js";
import { heading } from "./pages.js";
import { tabs } from "./tabs.js";

const TABS = {
  clients: { title: "applications.tab-clients", load: () => import("./clients.js") },
  connections: { title: "applications.tab-connections", load: () => import("./connections.js") },
};

export async function start(main, visit) {
  const { nav, load } = tabs(TABS, "applications", visit, words("console.applications"));
  const { show, actions } = await load();
  const tab = el("div", { class: "stack tab" });
  main.append(heading(words("console.applications"), ...actions()), nav, tab);
  await show(tab, visit);
}
