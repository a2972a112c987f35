// What happens, as it happens; one event and its journey; and replays.
import { words } from "../shared/words.js";
import { el } from "./elements.js";
import { heading } from "./pages.js";
import { tabs } from "./tabs.js";

const TABS = {
  feed: { title: "events.tab-feed", load: () => import("./event-feed.js") },
  replays: { title: "events.tab-replays", load: () => import("./replays.js") },
};

export async function start(main, visit) {
  if (visit.query.event) return (await import("./event.js")).show(main, visit);
  const { nav, load } = tabs(TABS, "events", visit, words("console.events"));
  const tab = el("div", { class: "stack tab" });
  const { show } = await load();
  main.append(heading(words("console.events")), nav, tab);
  return show(tab, visit);
}
