// Sending a range of past events again, and how far that is.
import { Refused } from "../shared/api.js";
import { Hindered } from "../shared/errors.js";
import { attempt } from "../shared/forms.js";
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { asked, dialogField } from "./dialogs.js";
import { button, card, el, facts, number, placed, time } from "./elements.js";
import { typeChooser } from "./event-types.js";
import { isOver, jobState } from "./job-words.js";
import { watch } from "./watching.js";

const SECONDS = 3;
const TYPING_MILLISECONDS = 300;

/** Ask for a range of events, say how many they are, and begin. `to` is what else the replay is asked with, as its
 * `webhook`; without one, the types are chosen too. Gives the replay, or undefined. */
export async function startReplay(to) {
  const chooser = to.webhook ? null : await typeChooser([]);
  const wanted = (values) => ({ ...asRange(values), ...to, ...(chooser && { types: chooser.single() }) });
  const count = el("p", { class: "small", role: "status" });
  const fields = [["since", words("console.begins")], ["until", words("console.ends")]].map(([name, label]) =>
    dialogField({ name, label, type: "datetime-local", step: "1", required: true }, "replay"));
  const inputs = fields.map((field) => field.querySelector("input"));
  const range = el("div", { class: "stack" }, fields, chooser?.element);
  let waiting = 0;
  range.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => preview(inputs, wanted, count), TYPING_MILLISECONDS);
  });
  return asked({
    title: words("console.replay-title"),
    text: words("console.replay-text"),
    fields: [range, count],
    action: words("console.replay-begin"),
    send: async (values) => (await ask("POST", "/events/replay", wanted(values))).body,
    complaints: { 409: "webhooks.is-off" },
  });
}

function asRange({ since, until }) {
  if (new Date(since) >= new Date(until)) throw new Hindered(words("console.range-empty"));
  return { from: new Date(since).toISOString(), to: new Date(until).toISOString() };
}

async function preview([since, until], wanted, place) {
  if (!since.value || !until.value || since.value >= until.value) return place.replaceChildren();
  try {
    const { body } = await ask("POST", "/events/replay/preview", wanted({ since: since.value, until: until.value }));
    place.textContent = words(body.complete ? "console.replay-count" : "console.replay-count-least", { count: body.events });
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Hindered)) throw error;
    place.replaceChildren();
  }
  return undefined;
}

/** The replay named in the address, as a card that follows it until its end, and can hold, go on with and end it. */
export async function replay(visit) {
  const path = `/events/replay/${encodeURIComponent(visit.query.replay)}`;
  const state = el("div", { class: "stack" });
  const place = placed("div", { class: "stack" }, state);
  const look = async () => {
    const { body } = await ask("GET", path);
    state.replaceChildren(...[...progressOf(body), controls(body, async (act) => {
      await attempt(place, () => ask("POST", `${path}/${act}`), { 409: "console.replay-over" });
      await look();
    })].filter(Boolean));
    return !isOver(body);
  };
  await watch(visit, SECONDS, look);
  return card(words("console.replay-title"), place);
}

function progressOf(job) {
  const [since, until, through] = [job.options.from, job.options.to, job.through].map((moment) => Number(new Date(moment)));
  return [
    el("p", { class: "badges" }, jobState(job), el("span", { class: "soft" }, job.reason)),
    el("progress", { max: 1, value: isOver(job) ? 1 : Math.max(0, (through - since) / (until - since)) || 0, "aria-label": words("console.replay-title") }),
    facts([
      [words("console.replay-sent"), number(job.published)],
      [words("console.begins"), time(job.options.from)],
      [words("console.ends"), time(job.options.to)],
    ]),
  ];
}

function controls(job, act) {
  const pausing = job.status === "paused" ? ["resume", "console.replay-resume"] : ["pause", "console.replay-pause"];
  return !isOver(job) && el("p", { class: "actions small-actions" },
    button(words(pausing[1]), () => act(pausing[0])),
    button(words("console.replay-cancel"), () => act("cancel"), { class: "danger" }));
}
