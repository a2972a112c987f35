// How far the erasure of somebody who was deleted is.
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { badge, card, copyable, el, facts, number, time } from "./elements.js";
import { watch } from "./watching.js";

const SECONDS = 3;
const KINDS = { finished: "good", failed: "bad", cancelled: "bad" };

/** The receipt named in the address, as a card that follows the erasure until its end. */
export async function erasure(visit) {
  const place = el("div", { class: "stack" });
  await watch(visit, SECONDS, async () => {
    const { body } = await ask("GET", `/erasures/${encodeURIComponent(visit.query.erasure)}`);
    const over = Object.hasOwn(KINDS, body.status);
    place.replaceChildren(
      el("p", {}, badge(words(`people.erasure-${body.status}`), KINDS[body.status]), " ", words("people.erasure-text")),
      ...(over ? [] : [el("progress", { "aria-label": words("people.erasure") })]),
      facts([
        [words("people.receipt"), copyable(body.id)],
        [words("people.person"), copyable(body.person)],
        [words("people.erasure-requested"), time(body.requested_at)],
        [words("people.erasure-by"), time(body.erased_by)],
        [words("people.erasure-finished-at"), body.finished_at ? time(body.finished_at) : undefined],
        ...Object.entries(body.counts).map(([table, count]) => [table, number(count)]),
      ]),
    );
    return !over;
  });
  return card(words("people.erasure"), place);
}
