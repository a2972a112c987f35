// What is set of an endpoint, and how it does.
import { words } from "../shared/words.js";
import { card, copyable, facts, number, time } from "./elements.js";
import { typeBadges } from "./event-types.js";
import { link } from "./pages.js";
import { healthBadge } from "./webhook-words.js";

/** The tab. */
export function show(main, webhook) {
  main.append(card("", facts([
    [words("console.id"), copyable(webhook.id)],
    [words("webhooks.url"), copyable(webhook.url)],
    [words("webhooks.description"), webhook.description],
    [words("console.events"), typeBadges(webhook.types)],
    [words("console.state"), healthBadge(webhook)],
    [words("webhooks.disabled-because"), webhook.disabled_reason ?? undefined],
    [words("webhooks.last-delivery"), time(webhook.delivered_at)],
    [words("webhooks.failures"), number(webhook.failures)],
    [words("webhooks.failing-since"), webhook.failing_since ? time(webhook.failing_since) : undefined],
    [words("console.created"), time(webhook.created_at)],
    [words("console.created-by"), webhook.created_by ? link(webhook.created_by, "people", {}, webhook.created_by) : null],
    [words("console.changed"), time(webhook.updated_at)],
    [words("console.version"), webhook.version],
  ])));
}
