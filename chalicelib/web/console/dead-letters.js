// What could not be processed, queue by queue: why, its contents on request, and another try once the cause is mended.
import { attempt } from "../shared/forms.js";
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { asked } from "./dialogs.js";
import { badge, button, card, codeBlock, copyable, el, empty, facts, number, placed, time } from "./elements.js";
import { queried, table } from "./lists.js";
import { link, reopen } from "./pages.js";

const SHOWN = 10;
const OF_ONE_QUEUE = 50;

/** The tab: all queues, or the one that the address names. */
export async function show(main, visit) {
  const place = placed("div", { class: "stack" });
  main.append(place);
  await attempt(place, async () => {
    const queues = visit.query.queue
      ? [(await ask("GET", queried(`/operations/dead-letters/${encodeURIComponent(visit.query.queue)}`, { limit: OF_ONE_QUEUE }))).body]
      : (await ask("GET", queried("/operations/dead-letters", { limit: SHOWN }))).body.queues;
    const full = queues.filter(({ count, letters }) => count || letters.length);
    if (visit.query.queue) place.append(el("p", {}, link(words("operations.all-queues"), "operations", { tab: "dead-letters" })));
    if (!full.length) place.append(card("", empty(words("operations.no-dead-letters"), words("operations.no-dead-letters-text"))));
    place.append(...full.map((queue) => ofQueue(queue, visit)));
  });
}

function ofQueue({ queue, count, letters }, visit) {
  const chosen = new Set();
  const redriveChosen = button(words("operations.redrive-chosen"), () => redrive(queue, { ids: [...chosen] }, chosen.size), { disabled: true });
  const tick = ({ id, reason }) => {
    const input = el("input", { type: "checkbox", "aria-label": words("operations.choose", { name: `${queue}: ${reason}` }) });
    input.addEventListener("change", () => {
      if (input.checked) chosen.add(id);
      else chosen.delete(id);
      redriveChosen.disabled = !chosen.size;
    });
    return input;
  };
  return el("section", { class: "card stack" },
    el("div", { class: "heading" }, el("h2", {}, queue, " ", badge(number(count), "bad")),
      el("div", { class: "small-actions" }, redriveChosen, button(words("operations.redrive-all"), () => redrive(queue, {}, count)))),
    table(words("operations.dead-letters-of", { name: queue }), [
      { title: words("operations.choose-short"), cell: tick, kind: "narrow" },
      { title: words("operations.since"), cell: ({ sent_at }) => time(sent_at), kind: "narrow" },
      { title: words("operations.source"), cell: ({ source }) => source },
      { title: words("operations.reason"), cell: ({ reason, keys }) => el("div", {}, reason, el("p", { class: "small" }, Object.entries(keys).map(([name, value]) => `${name} ${value}`).join(", "))) },
      { title: words("operations.times"), cell: ({ times }) => (times ? number(times) : null), kind: "number" },
      { title: words("console.action"), cell: (letter) => button(words("operations.contents"), () => contents(queue, letter)), kind: "narrow" },
    ], letters),
    count > letters.length && !visit.query.queue && el("p", { class: "small" }, link(words("operations.more-of", { count: count - letters.length }), "operations", { tab: "dead-letters", queue })));
}

/** Show what is in a letter. It may be somebody's personal data, so it is asked for each time. */
async function contents(queue, { id }) {
  let letter;
  const agreed = await asked({
    title: words("operations.contents"),
    text: words("operations.contents-text"),
    action: words("operations.contents-show"),
    send: async () => {
      letter = (await ask("GET", `/operations/dead-letters/${encodeURIComponent(queue)}/${encodeURIComponent(id)}`)).body;
    },
    complaints: { 404: "operations.letter-gone" },
  });
  if (!agreed) return;
  await asked({
    title: words("operations.contents"),
    wide: true,
    content: [
      facts([[words("operations.id"), copyable(letter.id)], [words("operations.reason"), letter.reason], ...Object.entries(letter.attributes)]),
      codeBlock(pretty(letter.body), words("operations.contents")),
    ],
    action: words("console.close"),
    send: () => true,
  });
}

async function redrive(queue, which, count) {
  const outcome = await asked({
    title: words("operations.redrive-title", { name: queue }),
    text: words("operations.redrive-text", { count }),
    fields: [{ name: "mended", label: words("operations.mended"), type: "checkbox", required: true }],
    action: words("operations.redrive"),
    send: async () => (await ask("POST", `/operations/dead-letters/${encodeURIComponent(queue)}/redrive`, which)).body,
  });
  if (!outcome) return;
  await reopen([words("operations.redriven", { count: outcome.redriven }), outcome.left > 0 && words("operations.left", { count: outcome.left })].filter(Boolean).join(" "));
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
