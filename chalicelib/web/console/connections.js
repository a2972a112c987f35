// Providers that people may come from.
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { addConnection } from "./connection-forms.js";
import { badge, button, card, el, empty } from "./elements.js";
import { table } from "./lists.js";
import { address, go, link } from "./pages.js";

async function add() {
  const made = await addConnection();
  if (made) go(address("applications", { kind: "connection" }, made.id));
}

/** What can be done beside the list. */
export function actions() {
  return [button(words("applications.add-connection"), add, { class: false })];
}

/** The tab. */
export async function show(main) {
  // There are 50 at most, and the API gives them at once.
  const { body: { items } } = await ask("GET", "/connections");
  main.append(card("", el("p", { class: "soft" }, words("applications.connections-text")), items.length
    ? table(words("applications.tab-connections"), columns(), items)
    : empty(words("applications.no-connections"), words("applications.no-connections-text"), button(words("applications.add-connection"), add))));
}

function columns() {
  return [
    { title: words("common.name"), cell: ({ id, name }) => el("div", {}, link(name, "applications", { kind: "connection" }, id), el("p", { class: "small" }, el("code", {}, id))) },
    { title: words("applications.provider"), cell: ({ kind, issuer }) => el("div", {}, words(`applications.kind-${kind}`), issuer && el("p", { class: "small" }, issuer)) },
    { title: words("console.state"), cell: ({ enabled }) => stateBadge(enabled), kind: "narrow" },
    { title: words("applications.field-trusted_domains"), cell: ({ trusted_domains: domains }) => (domains.length ? el("span", { class: "badges" }, domains.map((domain) => badge(domain, "quiet"))) : null) },
    { title: words("applications.field-require_for_domains"), cell: ({ require_for_domains: domains }) => (domains.length ? el("span", { class: "badges" }, domains.map((domain) => badge(domain))) : null) },
  ];
}

/** Whether people may come by a connection. */
export function stateBadge(enabled) {
  return enabled ? badge(words("applications.on"), "good") : badge(words("applications.off"), "quiet");
}
