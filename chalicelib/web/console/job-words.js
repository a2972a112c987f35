// How jobs are put into words: imports, exports and replays.
import { hasWords, words } from "../shared/words.js";
import { badge, el, number, share } from "./elements.js";

const KINDS = { finished: "good", failed: "bad", cancelled: "bad", running: "wait", waiting: "quiet", paused: "quiet" };

/** What a job has come to. */
export function jobState({ status, options }) {
  const key = `console.job-${status}`;
  return el("span", { class: "badges" }, badge(hasWords(key) ? words(key) : status, KINDS[status] ?? "quiet"),
    options?.dry_run && badge(words("console.trial"), "quiet"));
}

/** Whether nothing more will come of a job. */
export function isOver({ status }) {
  return ["finished", "failed", "cancelled"].includes(status);
}

/** How far something is, as a bar and in words: `done` of `all`, or of nobody knows how many (`null`). */
export function howFar(done, all, label) {
  const known = all !== null && all !== undefined;
  return el("div", { class: "stack" },
    el("progress", { "aria-label": label, max: known ? Math.max(all, 1) : false, value: known ? Math.min(done, all) : undefined }),
    el("p", { class: "small", role: "status" }, label, ": ", known ? `${number(done)} / ${number(all)} (${share(done, all)})` : number(done)));
}
