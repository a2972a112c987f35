// How a receiver verifies what it is sent: a beginning in three languages.
import { words } from "../shared/words.js";
import { card, codeBlock, el } from "./elements.js";
import { note } from "./pages.js";
import { SNIPPETS } from "./webhook-snippets.js";

/** The tab. */
export function show(main, webhook, visit) {
  const place = el("div", { class: "stack" });
  const choose = (language) => {
    const { install, code } = SNIPPETS[language];
    for (const option of options) option.setAttribute("aria-pressed", String(option.textContent === language));
    place.replaceChildren(codeBlock(install, words("webhooks.install")), codeBlock(code, language));
  };
  const options = Object.keys(SNIPPETS).map((language) => el("button", { type: "button", class: "secondary", on: { click: () => {
    const url = new URL(location);
    url.searchParams.set("language", language);
    note(url);
    choose(language);
  } } }, language));
  main.append(card("",
    el("p", {}, words("webhooks.receive-text")),
    el("p", { class: "small-actions", role: "group", "aria-label": words("webhooks.language") }, options),
    place,
    el("ul", { class: "granted" }, ["answer", "twice", "order"].map((advice) => el("li", {}, words(`webhooks.advice-${advice}`))))));
  choose(Object.hasOwn(SNIPPETS, visit.query.language ?? "") ? visit.query.language : Object.keys(SNIPPETS)[0]);
}
