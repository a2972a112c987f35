// Sending a range of past events again, and how far that is.
import { Refused } from "../shared/api.js";
import { Hindered } from "../shared/errors.js";
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { asked, dialogField } from "./dialogs.js";
import { card, el, facts, number, time } from "./elements.js";
import { isOver, jobState } from "./job-words.js";
import { watch } from "./watching.js";

const SECONDS = 3;
const TYPING_MILLISECONDS = 300;

/** Ask for a range of events, say how many they are, and begin. `to` is what else the replay is asked with, as its
 * `webhook`. Gives the replay, or undefined. */
export async function startReplay(to) {
  const count = el("p", { class: "small", role: "status" });
  const fields = [["since", words("console.begins")], ["until", words("console.ends")]].map(([name, label]) =>
    dialogField({ name, label, type: "datetime-local", step: "1", required: true }, "replay"));
  const inputs = fields.map((field) => field.querySelector("input"));
  const range = el("div", { class: "stack" }, fields);
  let waiting = 0;
  range.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => preview(inputs, to, count), TYPING_MILLISECONDS);
  });
  return asked({
    title: words("console.replay-title"),
    text: words("console.replay-text"),
    fields: [range, count],
    action: words("console.replay-begin"),
    send: async (values) => (await ask("POST", "/events/replay", { ...asRange(values), ...to })).body,
    complaints: { 409: "webhooks.is-off" },
  });
}

function asRange({ since, until }) {
  if (new Date(since) >= new Date(until)) throw new Hindered(words("console.range-empty"));
  return { from: new Date(since).toISOString(), to: new Date(until).toISOString() };
}

async function preview([since, until], to, place) {
  if (!since.value || !until.value || since.value >= until.value) return place.replaceChildren();
  try {
    const { body } = await ask("POST", "/events/replay/preview", { ...asRange({ since: since.value, until: until.value }), ...to });
    place.textContent = words(body.complete ? "console.replay-count" : "console.replay-count-least", { count: body.events });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    place.replaceChildren();
  }
  return undefined;
}

/** The replay named in the address, as a card that follows it until its end. */
export async function replay(visit) {
  const place = el("div", { class: "stack" });
  await watch(visit, SECONDS, async () => {
    const { body } = await ask("GET", `/events/replay/${encodeURIComponent(visit.query.replay)}`);
    const [since, until, through] = [body.options.from, body.options.to, body.through].map((moment) => Number(new Date(moment)));
    place.replaceChildren(
      el("p", { class: "badges" }, jobState(body), el("span", { class: "soft" }, body.reason)),
      el("progress", { max: 1, value: isOver(body) ? 1 : Math.max(0, (through - since) / (until - since)) || 0, "aria-label": words("console.replay-title") }),
      facts([
        [words("console.replay-sent"), number(body.published)],
        [words("console.begins"), time(body.options.from)],
        [words("console.ends"), time(body.options.to)],
      ]),
    );
    return !isOver(body);
  });
  return card(words("console.replay-title"), place);
}
