// One person: who they are, what happened to them, and what can be done for them.
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { badge, el } from "./elements.js";
import { heading } from "./pages.js";
import { nameOf, pathOf, roleBadges, statusBadge } from "./people-words.js";
import { actions } from "./person-actions.js";
import { tabs } from "./tabs.js";

const TABS = {
  profile: { title: "people.tab-profile", load: () => import("./person-profile.js") },
  timeline: { title: "people.tab-timeline", load: () => import("./person-timeline.js") },
  access: { title: "people.tab-access", load: () => import("./person-access.js") },
  mail: { title: "people.tab-mail", load: () => import("./person-mail.js") },
  items: { title: "people.tab-items", load: () => import("./person-items.js"), admin: true },
};

export async function start(main, visit) {
  const path = pathOf(visit.id);
  const { body, version } = await ask("GET", path);
  const person = { ...body, path, etag: version };
  const { nav, load } = tabs(TABS, "people", visit, words("people.tabs"));
  const { show } = await load();
  const tab = el("div", { class: "stack tab" });
  main.append(
    heading(nameOf(person), ...actions(person)),
    el("p", { class: "badges" }, statusBadge(person), roleBadges(person.roles), person.email_verified && badge(words("people.verified"), "good"), person.email && el("span", { class: "soft" }, person.email)),
    nav,
    tab,
  );
  await show(tab, person, visit);
}
