// What an application was told of the end of sessions, in the last 30 days.
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { attemptList } from "./attempts.js";
import { asked } from "./dialogs.js";
import { ago, button, el, empty } from "./elements.js";
import { filters, listing } from "./lists.js";
import { link, reopen } from "./pages.js";
import { typeWords } from "./people-words.js";
import { answerBadge, deliveryBadge } from "./webhook-words.js";

const STATES = ["delivered", "waiting", "failed"];

/** The tab. */
export async function show(main, client, visit) {
  const place = el("div", {});
  let latest = 0;
  const draw = async ({ state }) => {
    const mine = ++latest;
    const list = await listing({
      visit,
      path: `${client.path}/logout-deliveries`,
      query: { state },
      caption: words("applications.tab-logouts"),
      columns: columns(client),
      none: empty(words("applications.no-logouts"), words(client.backchannel_logout_uri ? "applications.no-logouts-text" : "applications.no-logout-uri")),
    });
    if (mine === latest) place.replaceChildren(list);
  };
  const options = [["", words("console.any")], ...STATES.map((state) => [state, words(`console.delivery-${state}`)])];
  main.append(el("section", { class: "card stack" }, filters([{ name: "state", label: words("console.state"), options }], "applications", visit, draw), place));
  await draw(visit.query);
}

function columns(client) {
  return [
    { title: words("console.event"), cell: ({ type }) => typeWords(type) },
    { title: words("console.person"), cell: ({ user_id }) => link(user_id, "people", {}, user_id) },
    { title: words("applications.session"), cell: ({ session_id }) => (session_id ? el("code", {}, session_id) : words("applications.all-sessions")) },
    { title: words("console.state"), cell: ({ state }) => deliveryBadge(state), kind: "narrow" },
    { title: words("console.attempts"), cell: ({ attempts }) => (attempts.length ? el("details", {}, el("summary", {}, attempts.length, " · ", answerBadge(attempts.at(-1))), attemptList(attempts)) : null) },
    { title: words("console.next-attempt"), cell: ({ next_at }) => (next_at ? ago(next_at) : null), kind: "narrow" },
    { title: words("console.action"), cell: ({ id }) => button(words("console.retry"), () => retry(client, id)), kind: "narrow" },
  ];
}

async function retry(client, id) {
  const sent = await asked({
    title: words("console.retry"),
    text: words("applications.retry-text", { name: client.name }),
    action: words("console.retry"),
    send: () => ask("POST", `${client.path}/logout-deliveries/${encodeURIComponent(id)}/retry`),
    complaints: { 409: "applications.no-logout-uri" },
  });
  if (!sent) return;
  await reopen(words("console.retried"));
}
