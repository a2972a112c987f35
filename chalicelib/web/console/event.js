// One event: what it says, and how it went on to everybody who has it.
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { button, card, copyable, el, facts, json, time } from "./elements.js";
import { journeyOf, isMoving } from "./event-journey.js";
import { aboutWhom, byWhom } from "./event-words.js";
import { queried } from "./lists.js";
import { heading, link } from "./pages.js";
import { typeWords } from "./people-words.js";
import { watch } from "./watching.js";

const SECONDS = 3;

/** The page. It follows the journey as long as that goes on. */
export async function show(main, visit) {
  const path = `/events/${encodeURIComponent(visit.query.event)}`;
  const hints = { subject: visit.query.subject, time: visit.query.time };
  const { body: event } = await ask("GET", queried(path, hints));
  const exact = { subject: event.subject, time: event.time };
  const steps = el("section", { class: "card stack" });
  const again = button(words("events.look-again"), () => follow());
  main.append(
    heading(typeWords(event.type)),
    el("p", { class: "small" }, link(words("events.all"), "events"), " · ", link(words("events.same-person"), "events", { user: event.subject, ago: "24h" })),
    el("div", { class: "columns" }, el("div", { class: "stack tab" }, about(event)), steps),
  );
  const draw = (journey) => steps.replaceChildren(el("div", { class: "heading" }, el("h2", {}, words("events.journey")), again), journeyOf(event, journey));
  const follow = () => watch(visit, SECONDS, async () => {
    const { body } = await ask("GET", queried(`${path}/journey`, exact));
    draw(body);
    return isMoving(event, body);
  });
  await follow();
}

function about(event) {
  return [
    card(words("events.event"), facts([
      [words("events.type"), el("code", {}, event.type)],
      [words("events.id"), copyable(event.id)],
      [words("events.about"), el("span", { class: "copyable" }, aboutWhom(event))],
      [words("events.by"), byWhom(event)],
      [words("events.time"), time(event.time)],
      [words("events.sequence"), event.sequence],
      [words("events.request"), event.requestid ? copyable(event.requestid) : null],
      [words("events.trace"), event.traceparent ? copyable(event.traceparent) : undefined],
      [words("events.schema"), el("a", { href: event.dataschema, target: "_blank", rel: "noreferrer" }, words("events.schema-of", { type: event.type }))],
    ])),
    card(words("events.data"), json(event.data, words("events.data"))),
    el("details", { class: "card" }, el("summary", {}, words("events.whole")), json(event, words("events.whole"))),
  ];
}
