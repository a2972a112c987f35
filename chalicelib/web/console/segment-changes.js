// A change of everybody in a segment, followed until its end.
import { attempt } from "../shared/forms.js";
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { el, facts, number, placed, time } from "./elements.js";
import { isOver, jobState } from "./job-words.js";
import { watch } from "./watching.js";

const SECONDS = 2;

/** The change that the address names, as a card. */
export async function changes(segment, visit) {
  const path = `${segment.path}/changes/${encodeURIComponent(visit.query.changes)}`;
  const state = el("div", { class: "stack" });
  const place = placed("section", { class: "card stack" }, el("h2", {}, words("questions.changes")), state);
  await attempt(place, () => watch(visit, SECONDS, async () => {
    const { body: job } = await ask("GET", path);
    state.replaceChildren(
      el("p", { role: "status" }, jobState({ ...job, options: job })),
      facts([
        [words(job.dry_run ? "questions.would-change" : "questions.did-change"), number(job.counts.changed)],
        [words("questions.unchanged"), number(job.counts.unchanged)],
        [words("questions.refused"), number(job.counts.refused)],
        [words("questions.reason"), job.reason ?? undefined],
        [words("questions.begun"), time(job.created_at)],
      ]),
      ...(job.report ? [el("p", { class: "actions" }, el("a", { class: "button secondary", href: job.report, download: true }, words("questions.report")))] : []),
    );
    return !isOver(job);
  }));
  return place;
}
