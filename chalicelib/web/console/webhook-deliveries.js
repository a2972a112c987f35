// What was sent to an endpoint in the last 30 days.
import { words } from "../shared/words.js";
import { ago, el, empty, number } from "./elements.js";
import { allTypes } from "./event-types.js";
import { filters, listing } from "./lists.js";
import { link } from "./pages.js";
import { typeWords } from "./people-words.js";
import { answerBadge, deliveryBadge } from "./webhook-words.js";

const STATES = ["delivered", "waiting", "failed"];
const fields = (types) => [
  { name: "user", label: words("console.about-person"), hint: words("console.person-id") },
  { name: "state", label: words("console.state"), options: [["", words("console.any")], ...STATES.map((state) => [state, words(`console.delivery-${state}`)])] },
  { name: "type", label: words("console.event"), options: [["", words("console.any")], ...types.map((type) => [type, `${typeWords(type)} · ${type}`])] },
];

/** The tab. */
export async function show(main, webhook, visit) {
  const place = el("div", {});
  let latest = 0;
  const draw = async ({ user, state, type }) => {
    const mine = ++latest;
    const filtered = Boolean(user || state || type);
    const list = await listing({
      visit,
      path: `${webhook.path}/deliveries`,
      query: { user, state, type },
      caption: words("webhooks.tab-deliveries"),
      columns: columns(webhook),
      none: filtered ? empty(words("webhooks.no-delivery-found"), words("webhooks.no-delivery-found-text")) : empty(words("webhooks.no-deliveries"), words("webhooks.no-deliveries-text")),
    });
    if (mine === latest) place.replaceChildren(list);
  };
  main.append(el("section", { class: "card stack" }, filters(fields(await allTypes()), "webhooks", visit, draw), place));
  await draw(visit.query);
}

function columns(webhook) {
  return [
    { title: words("console.event"), cell: ({ id, type, replayed }) => el("div", {}, link(typeWords(type), "webhooks", { delivery: id }, webhook.id), el("p", { class: "small" }, el("code", {}, type), replayed && ` · ${words("console.replayed")}`)) },
    { title: words("console.about"), cell: ({ subject }) => el("code", {}, subject) },
    { title: words("console.state"), cell: ({ state }) => deliveryBadge(state), kind: "narrow" },
    { title: words("console.last-answer"), cell: ({ attempts }) => (attempts.length ? answerBadge(attempts.at(-1)) : null), kind: "narrow" },
    { title: words("console.attempts"), cell: ({ attempts }) => number(attempts.length), kind: "number" },
    { title: words("console.next-attempt"), cell: ({ next_at }) => (next_at ? ago(next_at) : null), kind: "narrow" },
    { title: words("webhooks.asked-for"), cell: ({ created_at }) => ago(created_at), kind: "narrow" },
  ];
}
