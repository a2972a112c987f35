// The journey of an event, drawn as steps: each consumer, what it made of the event, and when.
import { words } from "../shared/words.js";
import { badge, el, lasting, time } from "./elements.js";
import { jobState } from "./job-words.js";
import { mailState } from "./mail-words.js";
import { link } from "./pages.js";
import { answerBadge } from "./webhook-words.js";

const KINDS = { recorded: "good", counted: "good", mailed: "good", delivered: "good", failed: "bad", waiting: "wait", not_yet: "wait" };
const UNSETTLED = new Set(["waiting", "not_yet"]);
const SETTLED_SECONDS = 120;

/** The steps, in the order in which an event takes them. */
export function journeyOf(event, { history, statistics, mail, webhooks, replays }) {
  return el("ol", { class: "timeline" },
    step("events.written", badge(words("events.state-written"), "good"), event.time),
    step("events.history", state(history.state), history.at, history.erased_at && el("p", { class: "small" }, words("events.erased"), " ", time(history.erased_at))),
    step("events.statistics", state(statistics.state), null, reason(statistics), statistics.counters.length > 0 && el("p", { class: "badges" }, statistics.counters.map((name) => el("code", {}, name)))),
    step("events.mail", state(mail.state), null, reason(mail), mail.mails.map((each) => mailOf(each, event))),
    webhooks.length ? webhooks.map((each) => webhookOf(each)) : step("events.webhooks", state("none"), null, el("p", { class: "small" }, words("events.no-webhooks"))),
    replays.map((each) => replayOf(each)));
}

/** Whether more may come of it soon: something waits, or it is so young that not everybody has had it. */
export function isMoving(event, { statistics, webhooks }) {
  const isYoung = (Date.now() - new Date(event.time)) / 1000 < SETTLED_SECONDS;
  return isYoung || UNSETTLED.has(statistics.state) || webhooks.some(({ delivery }) => delivery?.state === "waiting" && isSoon(delivery.next_at));
}

function isSoon(at) {
  return !at || (new Date(at) - Date.now()) / 1000 < SETTLED_SECONDS;
}

function step(title, mark, at, ...more) {
  return el("li", {}, el("h3", { class: "badges" }, typeof title === "string" ? words(title) : title, mark, at && el("span", { class: "small" }, time(at))), more);
}

function state(name) {
  return badge(words(`events.state-${name.replace(/_/g, "-")}`), KINDS[name] ?? "quiet");
}

function reason({ reason: text }) {
  return text && el("p", { class: "small", lang: "en" }, text);
}

function mailOf({ template, state: mailedState, updated_at: at }, { subject }) {
  return el("p", { class: "badges" }, link(el("code", {}, template), "people", { tab: "mail" }, subject), mailState(mailedState), el("span", { class: "small" }, time(at)));
}

function webhookOf(webhook) {
  const { delivery } = webhook;
  const shown = step([words("events.webhook"), " ", link(webhook.url, "webhooks", {}, webhook.webhook_id)],
    state(webhook.state), delivery?.created_at, reason(webhook),
    delivery && el("p", { class: "small" }, link(words("events.delivery"), "webhooks", { delivery: delivery.id }, webhook.webhook_id), " · ", words("events.tries", { count: delivery.tries })),
    delivery && delivery.attempts.length > 0 && el("ul", { class: "changes" }, delivery.attempts.map(attemptOf)),
    delivery?.next_at && el("p", { class: "small" }, words("events.next"), " ", time(delivery.next_at)));
  if (webhook.state === "failed") shown.classList.add("bad");
  return shown;
}

function attemptOf(attempt) {
  return el("li", { class: "badges" }, answerBadge(attempt), time(attempt.at), el("span", { class: "soft" }, lasting(attempt.milliseconds / 1000)), attempt.error && el("span", { lang: "en" }, attempt.error));
}

function replayOf({ id, status, webhook, sent, created_at: at }) {
  return step(link(words("events.replay"), "events", { tab: "replays", replay: id }), jobState({ status }), at,
    el("p", { class: "small" }, words(sent ? "events.sent-again" : "events.not-sent-yet"), webhook && [" · ", link(webhook, "webhooks", {}, webhook)]));
}
