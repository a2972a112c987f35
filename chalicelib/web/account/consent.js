// What an application gets, in words, and the person's answer.
import { fill, show } from "../shared/dom.js";
import { onPress } from "../shared/forms.js";
import { ask } from "../shared/session.js";
import { hasWords, words } from "../shared/words.js";
import { signInAgain, swap } from "./pages.js";

/** Show what `consent` asks for, for whom, and on a device the `code` that it shows; `decide(allow)` sends the answer. */
export async function askForConsent(main, consent, decide, code = "") {
  const { body: person } = await ask("GET", "/me");
  const { client } = consent;
  swap("consent", { name: client.name, account: person.email ?? person.name ?? person.id });
  main.querySelector("[data-list]").append(...sentences(consent.scopes));
  const back = hostOf(consent.redirect_uri ?? "");
  for (const [part, shown] of [["back", back], ["program", !back && consent.redirect_uri]]) show(main, part, Boolean(shown));
  fill(main, { back });
  show(main, "unchecked", client.source === "registration");
  show(main, "resource", Boolean(consent.resource));
  fill(main, { resource: consent.resource, lasts: duration(consent.days) });
  show(main, "code", Boolean(code));
  fill(main, { code });
  main.querySelector('[data-press="other"]').addEventListener("click", signInAgain);
  const place = main.querySelector('[data-place="answer"]');
  for (const [press, allow] of [["allow", true], ["deny", false]]) {
    onPress(place.querySelector(`[data-press="${press}"]`), place, () => decide(allow));
  }
}

/** How long an application gets it: some days after each sign-in there, or, with null, as long as the session here. */
function duration(days) {
  return days === null ? words("consent.until-sign-out") : words("consent.days", { count: days });
}

/** A list item for each thing that the scopes let an application have or do. */
export function sentences(scopes) {
  return scopes.map((scope) => Object.assign(document.createElement("li"), { textContent: sentence(scope) }));
}

function sentence(scope) {
  const key = `consent.scope-${scope}`;
  return hasWords(key) ? words(key) : words("consent.scope-other", { scope });
}

/** The host of a site's address, which tells it from others; empty for one of a program on this device. */
export function hostOf(address) {
  if (!URL.canParse(address)) return "";
  const { protocol, host, hostname } = new URL(address);
  const own = ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
  return own || !/^https?:$/.test(protocol) ? "" : host;
}
