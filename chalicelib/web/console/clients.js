// Applications, services and jobs that have tokens of us: OAuth clients.
import { words } from "../shared/words.js";
import { badge, button, card, el, empty, time } from "./elements.js";
import { addClient } from "./client-forms.js";
import { listing } from "./lists.js";
import { address, go, link } from "./pages.js";
import { roleBadges } from "./people-words.js";

async function add() {
  const made = await addClient();
  if (made) go(address("applications", {}, made.id));
}

/** What can be done beside the list. */
export function actions() {
  return [button(words("applications.add-client"), add, { class: false })];
}

/** The tab. */
export async function show(main, visit) {
  main.append(card("", el("p", { class: "soft" }, words("applications.clients-text")), await listing({
    visit,
    path: "/clients",
    caption: words("applications.tab-clients"),
    none: empty(words("applications.no-clients"), words("applications.no-clients-text"), button(words("applications.add-client"), add)),
    columns: [
      { title: words("common.name"), cell: ({ id, name }) => el("div", {}, link(name, "applications", {}, id), el("p", { class: "small" }, el("code", {}, id))) },
      { title: words("applications.type"), cell: ({ type }) => badge(words(`applications.type-${type}`)), kind: "narrow" },
      { title: words("applications.scopes"), cell: ({ scopes }) => (scopes.length ? el("span", { class: "badges" }, scopes.map((scope) => badge(scope, "quiet"))) : null) },
      { title: words("applications.roles"), cell: ({ roles }) => roleBadges(roles) },
      { title: words("console.created"), cell: ({ created_at }) => time(created_at), kind: "narrow" },
    ],
  })));
}
