// Other applications that somebody signs in to from here, and what they let each of them have.
import { copyOf, fill, readable, say, show } from "../shared/dom.js";
import { onPress } from "../shared/forms.js";
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { hostOf, sentences } from "./consent.js";

/** Bring the section to life. */
export async function startApplications(section) {
  const place = section.querySelector('[data-place="application-list"]');
  const list = section.querySelector("[data-list]");
  await draw();

  async function draw() {
    const { items } = (await ask("GET", "/me/consents")).body;
    list.replaceChildren(...items.map(row));
    show(section, "none", !items.length);
  }

  function row({ client_id: id, name: registered, uri, scopes, since }) {
    const made = copyOf("application").firstElementChild;
    const name = registered ?? words("application.gone");
    const site = hostOf(uri ?? "");
    fill(made, { name, site, since: readable(since) });
    show(made, "site", Boolean(site));
    made.querySelector("ul").append(...sentences(scopes));
    const revoke = made.querySelector("[data-press]");
    revoke.ariaLabel = words("application.revoke-named", { name });
    onPress(revoke, place, async () => {
      await ask("DELETE", `/me/consents/${encodeURIComponent(id)}`);
      await draw();
      say(words("application.revoked", { name }));
      section.querySelector("h2").focus();
    });
    return made;
  }
}
