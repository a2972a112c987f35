// The attempts to tell somebody something: when, how long it took, and what came of each.
import { words } from "../shared/words.js";
import { codeBlock, el, lasting, time } from "./elements.js";
import { answerBadge } from "./webhook-words.js";

/** The attempts, the latest first, as a timeline. `request(attempt)` is the request as it was sent, or null. */
export function attemptList(attempts, request = () => null) {
  if (!attempts.length) return el("p", { class: "soft" }, words("console.no-attempts"));
  return el("ol", { class: "timeline" }, attempts.map((attempt, index) => entry(attempt, attempts.length - index, index === attempts.length - 1, request)).reverse());
}

function entry(attempt, back, isLatest, request) {
  const bad = attempt.error || attempt.status < 200 || attempt.status > 299;
  const sent = request(attempt);
  return el("li", { class: bad ? "bad" : false },
    el("h3", { class: "badges" }, answerBadge(attempt), " ", time(attempt.at), el("span", { class: "small" }, lasting(attempt.milliseconds / 1000))),
    attempt.error && el("p", {}, attempt.error),
    attempt.response && el("div", { class: "stack" }, el("p", { class: "small" }, words("console.answer")), codeBlock(attempt.response, `${words("console.answer")} ${back}`)),
    sent && el("details", { open: isLatest }, el("summary", {}, words("console.request-as-sent")), sent));
}
