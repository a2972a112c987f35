// Choosing types of events: every one, whole groups, or single ones.
import { Hindered } from "../shared/errors.js";
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { badge, el } from "./elements.js";
import { typeWords } from "./people-words.js";

/** Types or groups as badges; none means every event. */
export function typeBadges(types) {
  return el("span", { class: "badges" }, types.length ? types.map((type) => badge(type, "quiet")) : badge(words("console.every-event"), "quiet"));
}

/** Every type that there is, as the API lists them. */
export async function allTypes() {
  const { body } = await ask("GET", "/events/schemas");
  return [...new Set(body.items.map(({ type }) => type))];
}

/** Ticks for all types, those in `chosen` set: an `element`, and `value()`, which
 * throws Hindered where none is set; `single()` is the same without groups. */
export async function typeChooser(chosen) {
  const types = await allTypes();
  const groups = [...new Set(types.map((type) => type.split(".")[0]))];
  const ticks = new Map();
  const tick = (name, text, code) => {
    const id = `type-${name}`;
    const input = el("input", { type: "checkbox", id, checked: chosen.includes(name) });
    ticks.set(name, input);
    return el("p", { class: "field check" }, input, el("label", { for: id }, text, code && [" ", el("code", { class: "soft" }, code)]));
  };
  const every = el("input", { type: "checkbox", id: "type-every", checked: !chosen.length });
  const lists = groups.map((group) => {
    const whole = tick(`${group}.*`, words("console.every-of", { group }), `${group}.*`);
    const single = types.filter((type) => type.startsWith(`${group}.`)).map((type) => tick(type, typeWords(type), type));
    return el("details", { open: chosen.some((name) => name.startsWith(`${group}.`)) }, el("summary", {}, group), whole, single);
  });
  const some = el("div", { class: "types" }, lists);
  const draw = () => {
    some.hidden = every.checked;
    for (const group of groups) {
      for (const type of types.filter((name) => name.startsWith(`${group}.`))) ticks.get(type).disabled = ticks.get(`${group}.*`).checked;
    }
  };
  const element = el("fieldset", {}, el("legend", {}, words("console.events")), el("p", { class: "field check" }, every, el("label", { for: "type-every" }, words("console.every-event"))), some);
  element.addEventListener("change", draw);
  draw();
  const value = () => {
    if (every.checked) return [];
    // A type that is chosen and not listed any more stays, for who changes something else.
    const unlisted = chosen.filter((name) => !ticks.has(name));
    const wanted = [...ticks].filter(([, input]) => input.checked && !input.disabled).map(([name]) => name).concat(unlisted);
    if (!wanted.length) throw new Hindered(words("console.no-type"));
    return wanted.sort();
  };
  const single = () => value().flatMap((name) => (name.endsWith(".*") ? types.filter((type) => type.startsWith(name.slice(0, -1))) : name));
  return { element, value, single };
}
