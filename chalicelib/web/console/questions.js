// Questions that the read model answers: searches by a filter, filters with a name, and what is counted every hour.
import { words } from "../shared/words.js";
import { el } from "./elements.js";
import { heading } from "./pages.js";
import { tabs } from "./tabs.js";

const TABS = {
  search: { title: "questions.tab-search", load: () => import("./questions-search.js") },
  segments: { title: "questions.tab-segments", load: () => import("./segments.js") },
  views: { title: "questions.tab-views", load: () => import("./questions-views.js") },
};

export async function start(main, visit) {
  const { nav, load } = tabs(TABS, "questions", visit, words("console.questions"));
  const { show } = await load();
  const tab = el("div", { class: "stack tab" });
  main.append(heading(words("console.questions")), nav, tab);
  await show(tab, visit);
}
