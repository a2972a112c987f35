// One application: what is registered of it, and what it was told of the end of sessions.
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { badge, el } from "./elements.js";
import { actions } from "./client-actions.js";
import { heading } from "./pages.js";
import { roleBadges } from "./people-words.js";
import { tabs } from "./tabs.js";

const TABS = {
  about: { title: "applications.tab-about", load: () => import("./client-about.js") },
  logouts: { title: "applications.tab-logouts", load: () => import("./client-logouts.js") },
};

/** The page. */
export async function show(main, visit) {
  const path = `/clients/${encodeURIComponent(visit.id)}`;
  const { body, version } = await ask("GET", path);
  const client = { ...body, path, etag: version };
  const { nav, load } = tabs(TABS, "applications", visit, words("applications.tabs"));
  const module = await load();
  const tab = el("div", { class: "stack tab" });
  main.append(
    heading(client.name, ...actions(client)),
    el("p", { class: "badges" }, badge(words(`applications.type-${client.type}`)), roleBadges(client.roles),
      client.first_party && badge(words("applications.own"), "quiet"), client.source === "registration" && badge(words("applications.self-registered"), "quiet")),
    nav,
    tab,
  );
  await module.show(tab, client, visit);
}
