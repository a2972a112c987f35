// One import: how far it is, what came of it, and what its refused rows lack.
import { onPress } from "../shared/forms.js";
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { badge, card, copyable, el, facts, lasting, number, placed, time } from "./elements.js";
import { refusedRows } from "./import-errors.js";
import { TRIED, send, sized } from "./import-file.js";
import { notesOf } from "./import-notes.js";
import { nameOf } from "./import-list.js";
import { howFar, isOver, jobState } from "./job-words.js";
import { heading, link } from "./pages.js";
import { watch } from "./watching.js";

const SECONDS = 2;
const RETRY_LOOKS = 15;

export async function start(main, visit) {
  const path = `/imports/${encodeURIComponent(visit.id)}`;
  const state = el("div", { class: "stack" });
  const below = el("div", { class: "stack tab" });
  const title = heading(words("imports.tab-imports"));
  let ended = null;
  const follow = (retried = 0) => watch(visit, SECONDS, async () => {
    const { body: job } = await ask("GET", path);
    title.querySelector("h1").textContent = nameOf(job);
    state.replaceChildren(...stateOf(job));
    const waits = retried-- > 0 && job.ended_at === ended;
    if (!isOver(job) || waits) return true;
    ended = job.ended_at;
    below.replaceChildren(...afterwards(job, path, visit, () => follow(RETRY_LOOKS)));
    return false;
  });
  main.append(title, el("p", { class: "small" }, link(words("imports.all"), "imports")), el("section", { class: "card" }, state), below);
  await follow();
}

function stateOf(job) {
  const { counts } = job;
  const over = isOver(job);
  return [
    el("p", { class: "badges" }, jobState(job), job.options?.privileged && badge(words("imports.is-privileged"))),
    job.reason && el("p", { class: "problem", lang: "en" }, job.reason),
    job.refused && el("p", { class: "problem", lang: "en" }, job.refused),
    !over && howFar(counts.rows, job.total, words("imports.progress")),
    !over && el("p", { class: "small" }, job.rate ? words("imports.rate", { rate: job.rate }) : words("imports.waiting-text"),
      job.seconds_left !== null && [" · ", words("imports.time-left", { time: lasting(job.seconds_left) })]),
    figures(counts, job.options?.dry_run),
    facts([
      [words("imports.id"), copyable(job.id)],
      [words("imports.source"), el("code", {}, job.source)],
      [words("imports.format"), job.format],
      [words("imports.size"), job.bytes === null ? null : sized(job.bytes)],
      [words("imports.mode"), job.options ? words(`imports.mode-${job.options.mode}`) : null],
      [words("imports.begun"), time(job.created_at)],
      [words("imports.ended"), time(job.ended_at)],
    ]),
  ].filter(Boolean);
}

function figures(counts, trial) {
  const kinds = ["rows", "created", "updated", "unchanged", "failed"];
  return el("dl", { class: "figures" }, kinds.map((kind) =>
    el("div", { class: kind === "failed" && counts.failed > 0 && "bad" }, el("dt", {}, words(trial && kind !== "rows" ? `imports.would-${kind}` : `imports.count-${kind}`)), el("dd", {}, number(counts[kind])))));
}

/** What can be done with a job that has ended. */
function afterwards(job, path, visit, again) {
  const trial = Boolean(job.options?.dry_run);
  return [
    trial && job.status === "finished" && inEarnest(job, visit),
    job.has_errors && refusedRows(job, path, { mendable: !trial, again }),
    ...notesOf(job),
  ].filter(Boolean);
}

/** The same file again, and not as a trial. It is still here, if this window made the trial. */
function inEarnest(job, visit) {
  const place = placed("section", { class: "card stack" }, el("h2", {}, words("imports.in-earnest")));
  if (TRIED.job !== job.id) {
    place.append(el("p", {}, words("imports.choose-again")), el("p", { class: "actions" }, link(words("imports.choose"), "imports", {}, "", { class: "button" })));
    return place;
  }
  const progress = el("div", { hidden: true });
  const press = el("button", { type: "button" }, words("imports.import-file", { name: TRIED.file.name }));
  onPress(press, place, () => send(TRIED.file, { ...TRIED.options, dry_run: false }, visit, progress));
  place.append(el("p", {}, words("imports.in-earnest-text", { count: job.counts.created + job.counts.updated, failed: job.counts.failed })), progress, el("p", { class: "actions" }, press));
  return place;
}
