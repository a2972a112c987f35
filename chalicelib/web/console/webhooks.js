// The endpoints that events are sent to, and how they do.
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { ago, button, el, empty } from "./elements.js";
import { typeBadges } from "./event-types.js";
import { filters, table } from "./lists.js";
import { address, go, heading, link } from "./pages.js";
import { addWebhook } from "./webhook-forms.js";
import { health, healthBadge } from "./webhook-words.js";

const STATES = ["healthy", "failing", "untried", "off", "disabled"];
const FIELDS = () => [
  { name: "q", label: words("webhooks.search"), type: "search", hint: words("webhooks.search-hint") },
  { name: "state", label: words("console.state"), options: [["", words("console.any")], ...STATES.map((state) => [state, words(`webhooks.state-${state}`)])] },
];

export async function start(main, visit) {
  // There are 50 at most, and the API gives them at once.
  const { body: { items } } = await ask("GET", "/webhooks");
  const place = el("div", {});
  const add = async () => {
    const made = await addWebhook();
    if (made) go(address("webhooks", { tab: "receive" }, made.id));
  };
  const draw = (values) => {
    const found = items.filter((webhook) => fits(webhook, values));
    if (found.length) place.replaceChildren(table(words("console.webhooks"), columns(), found));
    else if (items.length) place.replaceChildren(empty(words("webhooks.none-found"), words("webhooks.none-found-text")));
    else place.replaceChildren(empty(words("webhooks.none"), words("webhooks.none-text"), button(words("webhooks.add"), add, { class: false })));
  };
  main.append(
    heading(words("console.webhooks"), items.length > 0 && button(words("webhooks.add"), add, { class: false })),
    el("section", { class: "card stack" }, items.length > 0 && filters(FIELDS(), "webhooks", visit, draw), place),
  );
  draw(visit.query);
}

function fits(webhook, { q = "", state = "" }) {
  const text = `${webhook.url} ${webhook.description ?? ""}`.toLowerCase();
  return text.includes(q.toLowerCase()) && (!state || health(webhook) === state);
}

function columns() {
  return [
    { title: words("webhooks.endpoint"), cell: (webhook) => el("div", {}, link(webhook.url, "webhooks", {}, webhook.id), webhook.description && el("p", { class: "small" }, webhook.description)) },
    { title: words("console.state"), cell: healthBadge, kind: "narrow" },
    { title: words("console.events"), cell: ({ types }) => typeBadges(types) },
    { title: words("webhooks.last-delivery"), cell: ({ delivered_at }) => delivered_at && ago(delivered_at), kind: "narrow" },
  ];
}
