// Choosing several people of a list, and doing the same with each: one request after the other, with what came of them.
import { Refused } from "../shared/api.js";
import { Cancelled } from "../shared/errors.js";
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { asked } from "./dialogs.js";
import { badge, button, el } from "./elements.js";
import { link, say } from "./pages.js";
import { nameOf, pathOf } from "./people-words.js";
import { rolesOf } from "./roles.js";

/** A column of ticks, and a `bar` with what can be done with those that have one. `done` is called after it was. */
export function chooser(done) {
  const chosen = new Map();
  const count = el("span", { role: "status" });
  const bar = el("div", { class: "actions small-actions", hidden: true }, count,
    button(words("people.disable"), () => each("people.disable", (person) => ask("POST", `${pathOf(person.id)}/disable`))),
    button(words("people.enable"), () => each("people.enable", (person) => ask("POST", `${pathOf(person.id)}/enable`))),
    button(words("people.add-role"), addRole),
    button(words("people.end-sessions"), () => each("people.end-sessions", (person) => ask("DELETE", `${pathOf(person.id)}/sessions`))),
    button(words("people.delete"), () => each("people.delete", (person) => ask("DELETE", pathOf(person.id)), { danger: true, text: words("people.delete-many") }), { class: "danger" }));

  function draw() {
    bar.hidden = !chosen.size;
    count.textContent = words("people.chosen", { count: chosen.size });
  }

  const column = {
    title: words("people.choose"),
    kind: "narrow",
    cell: (person) => {
      const tick = el("input", { type: "checkbox", "aria-label": words("people.choose-named", { name: nameOf(person) }) });
      tick.addEventListener("change", () => {
        if (tick.checked) chosen.set(person.id, person);
        else chosen.delete(person.id);
        draw();
      });
      return tick;
    },
  };

  async function addRole() {
    await asked({
      title: words("people.add-role"),
      fields: [{ name: "role", label: words("people.role"), required: true, pattern: "[a-z][a-z0-9_\\-]{0,31}", title: words("people.role-shape") }],
      action: words("people.add-role"),
      send: async ({ role }) => {
        await run(words("people.add-role"), ({ id }) => rolesOf(id, (roles) => [...new Set([...roles, role])]));
      },
    });
  }

  async function each(key, act, { danger = false, text } = {}) {
    await asked({
      title: words(key),
      text: text ?? words("people.with-chosen", { count: chosen.size }),
      content: [el("ul", { class: "granted" }, [...chosen.values()].slice(0, 10).map((person) => el("li", {}, nameOf(person))),
        chosen.size > 10 && el("li", {}, words("people.and-more", { count: chosen.size - 10 })))],
      action: words(key),
      danger,
      send: () => run(words(key), act),
    });
  }

  /** Do it with one after the other; nobody is left out because of another's failure. */
  async function run(title, act) {
    const people = [...chosen.values()];
    const bar = el("progress", { max: people.length, value: 0, "aria-label": title });
    const state = el("p", { class: "small", role: "status" });
    document.querySelector("dialog[open] form").append(bar, state);
    const failed = [];
    for (const [index, person] of people.entries()) {
      try {
        await act(person);
      } catch (error) {
        if (error instanceof Cancelled) throw error;
        failed.push([person, error instanceof Refused ? error.message : words("console.unreachable")]);
      }
      bar.value = index + 1;
      state.textContent = words("people.progress", { done: index + 1, count: people.length });
    }
    chosen.clear();
    draw();
    done();
    say(words("people.did", { title, count: people.length - failed.length }));
    if (failed.length) setTimeout(() => complainOf(title, failed));
  }

  return { bar, column, clear: () => { chosen.clear(); draw(); } };
}

function complainOf(title, failed) {
  return asked({
    title: words("people.failed-for", { count: failed.length }),
    text: title,
    content: [el("ul", { class: "list" }, failed.map(([person, reason]) => el("li", {}, el("div", {}, link(nameOf(person), "people", {}, person.id), " ", badge(reason, "bad")))))],
    action: words("console.close"),
    decide: false,
  });
}
