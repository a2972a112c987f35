// What was mailed to a person, and what became of it.
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { asked } from "./dialogs.js";
import { button, card, el, empty, time } from "./elements.js";
import { listing } from "./lists.js";
import { mailState } from "./mail-words.js";
import { reopen } from "./pages.js";
import { READER } from "./reader.js";

/** The tab. */
export async function show(main, person, visit) {
  const list = await listing({
    visit,
    path: `${person.path}/mail`,
    caption: words("people.tab-mail"),
    none: empty(words("people.no-mail"), words("people.no-mail-text")),
    columns: [
      { title: words("people.message"), cell: ({ template }) => el("code", {}, template) },
      { title: words("people.status"), cell: ({ state }) => mailState(state), kind: "narrow" },
      { title: words("people.asked-for"), cell: ({ created_at }) => time(created_at) },
      { title: words("people.latest"), cell: ({ updated_at }) => time(updated_at) },
    ],
  });
  const lift = button(words("people.lift-suppression"), async () => {
    const sent = await asked({ title: words("people.lift-suppression"), text: words("people.lift-suppression-text"), action: words("people.lift-suppression"), send: () => ask("DELETE", `${person.path}/mail/suppression`), complaints: { 404: "people.not-suppressed" } });
    if (!sent) return;
    await reopen(words("people.suppression-lifted"));
  });
  main.append(card("", list, READER.isAdmin && el("p", { class: "actions small-actions" }, lift)));
}
