// How endpoints do, and what became of deliveries, in words.
import { words } from "../shared/words.js";
import { badge } from "./elements.js";

/** What an endpoint is: `healthy`, `failing`, `untried`, `off` by somebody, or `disabled` by Rollcall. */
export function health({ enabled, disabled_reason: reason, failures, delivered_at: delivered }) {
  if (!enabled) return reason ? "disabled" : "off";
  if (failures) return "failing";
  return delivered ? "healthy" : "untried";
}

const HEALTHS = { healthy: "good", failing: "bad", disabled: "bad" };

/** The same as a badge. */
export function healthBadge(webhook) {
  const state = health(webhook);
  return badge(words(`webhooks.health-${state}`, { count: webhook.failures }), HEALTHS[state] ?? "quiet");
}

const STATES = { delivered: "good", failed: "bad" };

/** What became of a delivery. */
export function deliveryBadge(state) {
  return badge(words(`console.delivery-${state}`), STATES[state] ?? "");
}

/** What an attempt came to: the status of the answer, or that there was none. */
export function answerBadge({ status, error }) {
  if (error) return badge(words("console.no-answer"), "bad");
  return badge(status, status >= 200 && status < 300 ? "good" : "bad");
}
