// One endpoint: how it does, what was sent to it, and what can be done with it.
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { el, time } from "./elements.js";
import { heading } from "./pages.js";
import { tabs } from "./tabs.js";
import { actions } from "./webhook-actions.js";
import { health, healthBadge } from "./webhook-words.js";

const TABS = {
  deliveries: { title: "webhooks.tab-deliveries", load: () => import("./webhook-deliveries.js") },
  about: { title: "webhooks.tab-about", load: () => import("./webhook-about.js") },
  receive: { title: "webhooks.tab-receive", load: () => import("./webhook-receive.js") },
};

export async function start(main, visit) {
  const path = `/webhooks/${encodeURIComponent(visit.id)}`;
  const { body, version } = await ask("GET", path);
  const webhook = { ...body, path, etag: version };
  if (visit.query.delivery) {
    const { show } = await import("./webhook-delivery.js");
    return show(main, webhook, visit);
  }
  const { nav, load } = tabs(TABS, "webhooks", visit, words("webhooks.tabs"));
  const { show } = await load();
  const tab = el("div", { class: "stack tab" });
  main.append(...[
    heading(webhook.description || new URL(webhook.url).host, ...actions(webhook)),
    el("p", { class: "badges" }, healthBadge(webhook), el("span", { class: "soft" }, webhook.url)),
    caution(webhook),
    visit.query.replay && await (await import("./replay.js")).replay(visit),
    nav,
    tab,
  ].filter(Boolean));
  return show(tab, webhook, visit);
}

/** What is to be done about an endpoint that does not do well. */
function caution(webhook) {
  const state = health(webhook);
  if (state === "disabled") return el("p", { class: "caution" }, words("webhooks.disabled-text"), " ", el("strong", {}, webhook.disabled_reason));
  if (state !== "failing") return null;
  const since = [words("webhooks.failing-since"), " ", time(webhook.failing_since), ". "];
  const resumes = webhook.resumes_at && new Date(webhook.resumes_at) > Date.now() && [words("webhooks.resumes"), " ", time(webhook.resumes_at), ". "];
  return el("p", { class: "caution" }, since, resumes, words("webhooks.failing-text"));
}
