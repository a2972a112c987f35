// The keys that tokens are signed with, and that links, cursors and cookies are made with: their ages, and a new one.
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { asked } from "./dialogs.js";
import { badge, button, card, el, facts, time } from "./elements.js";
import { reopen } from "./pages.js";

/** The tab. */
export async function show(main) {
  const { body } = await ask("GET", "/operations/keys");
  main.append(el("div", { class: "columns" }, body.items.map((key) => card(words(`operations.key-${key.name}`),
    el("p", { class: "soft" }, words(`operations.key-text-${key.name}`)),
    facts([
      [words("operations.made"), time(key.made_at)],
      [words("operations.rotated"), time(key.rotated_at)],
      [words("operations.next"), key.is_scheduled ? time(key.next_rotation_at) : badge(words("operations.not-scheduled"), "quiet")],
      [words("operations.every"), key.rotation_days ? words("operations.days", { count: key.rotation_days }) : null],
    ]),
    el("p", { class: "actions small-actions" }, button(words("operations.rotate"), () => rotate(key.name)))))));
}

async function rotate(name) {
  const sent = await asked({
    title: words("operations.rotate-title", { name: words(`operations.key-${name}`) }),
    text: words("operations.rotate-text"),
    action: words("operations.rotate"),
    send: async () => (await ask("POST", `/operations/keys/${encodeURIComponent(name)}/rotate`)).body,
    complaints: { 409: "operations.rotating" },
  });
  if (!sent) return;
  await reopen(words("operations.rotate-begun"));
}
