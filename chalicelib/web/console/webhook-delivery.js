// One delivery: the event, and each attempt with the request as it was sent and the answer.
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { attemptList } from "./attempts.js";
import { asked } from "./dialogs.js";
import { badge, button, card, codeBlock, copyable, el, facts, json, number, time } from "./elements.js";
import { aboutWhom } from "./event-words.js";
import { heading, link, reopen } from "./pages.js";
import { typeWords } from "./people-words.js";
import { watch } from "./watching.js";
import { deliveryBadge } from "./webhook-words.js";

const SECONDS = 3;
const SOON_MILLISECONDS = 60_000;
const MADE_UP = /^webhook\./;

/** The page. It follows the delivery until its next attempt is further away than a moment. */
export async function show(main, webhook, visit) {
  const path = `${webhook.path}/deliveries/${encodeURIComponent(visit.query.delivery)}`;
  let shown = "";
  await watch(visit, SECONDS, async () => {
    const { body } = await ask("GET", path);
    const now = JSON.stringify(body);
    if (now !== shown) main.replaceChildren(...contents(body, webhook, path));
    shown = now;
    return body.state === "waiting" && (!body.next_at || new Date(body.next_at) - Date.now() < SOON_MILLISECONDS);
  });
}

function contents(delivery, webhook, path) {
  const event = delivery.body && JSON.parse(delivery.body);
  return [
    heading(typeWords(delivery.type), webhook.enabled && button(words("console.retry"), () => retry(path))),
    el("p", { class: "badges" }, deliveryBadge(delivery.state), delivery.replayed && badge(words("console.replayed"), "quiet"),
      el("span", { class: "soft" }, words("webhooks.to"), " ", link(webhook.url, "webhooks", {}, webhook.id))),
    card("", facts([
      [words("webhooks.delivery-id"), copyable(delivery.id)],
      [words("console.event"), MADE_UP.test(delivery.type) ? copyable(delivery.event_id) : link(delivery.event_id, "events", { event: delivery.event_id, subject: delivery.subject, time: event?.time })],
      [words("console.about"), aboutWhom(delivery)],
      [words("webhooks.asked-for"), time(delivery.created_at)],
      [words("console.attempts"), number(delivery.attempts.length)],
      [words("console.next-attempt"), delivery.next_at ? time(delivery.next_at) : undefined],
    ])),
    card(words("console.attempts"), attemptList(delivery.attempts, (attempt) => attempt.request && sent(delivery, attempt.request))),
    card(words("webhooks.body"), event ? json(event, words("webhooks.body")) : el("p", { class: "soft" }, words("webhooks.no-body"))),
  ];
}

/** The request of an attempt. What is the same in all of them is not kept with each. */
function sent(delivery, request) {
  const url = new URL(request.url);
  const head = [
    `POST ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    `Content-Type: ${delivery.content_type}`,
    `User-Agent: ${delivery.user_agent}`,
    `Content-Length: ${request.bytes}`,
    `webhook-id: ${delivery.id}`,
    `webhook-timestamp: ${request.timestamp}`,
    `webhook-signature: ${request.signature}`,
  ];
  const isSame = delivery.body !== null && new TextEncoder().encode(delivery.body).length === request.bytes;
  return el("div", { class: "stack" },
    codeBlock([...head, ...(isSame ? ["", delivery.body] : [])].join("\n"), words("console.request-as-sent")),
    !isSame && el("p", { class: "small" }, words("webhooks.other-body", { count: request.bytes })));
}

async function retry(path) {
  const done = await asked({
    title: words("console.retry"),
    text: words("webhooks.retry-text"),
    action: words("console.retry"),
    send: () => ask("POST", `${path}/retry`),
    complaints: { 409: "webhooks.is-off", 503: "webhooks.busy" },
  });
  if (!done) return;
  await reopen(words("console.retried"));
}
