// What somebody signs in with elsewhere to come in here.
import { copyOf, fill, readable, say } from "../shared/dom.js";
import { complain, onPress } from "../shared/forms.js";
import { ask } from "../shared/session.js";
import { LOCALE, words } from "../shared/words.js";
import { button, connections, problemOf } from "./connections.js";

/** Bring the section to life, and say the `problem` that a provider sent somebody back with. */
export async function startIdentities(section, problem) {
  const place = section.querySelector('[data-place="identity-list"]');
  const offered = await connections().catch(() => []);
  await draw();
  const more = section.querySelector('[data-place="link"]');
  more.replaceChildren(
    ...offered.map((connection) => {
      const made = button(connection.id, words("identity.link", { name: connection.name }));
      onPress(made, place, async () => {
        const asked = { connection_id: connection.id, ui_locales: LOCALE };
        const { body } = await ask("POST", "/me/identities/link", asked);
        location.assign(body.redirect);
      });
      return made;
    }),
  );
  section.hidden = !problem && !offered.length && !section.querySelector("[data-list]").children.length;
  if (problem) complain(place, problemOf(problem));

  async function draw() {
    const { items } = (await ask("GET", "/me/identities")).body;
    section.querySelector("[data-list]").replaceChildren(...items.map(row));
  }

  function row(identity) {
    const made = copyOf("identity").firstElementChild;
    const label = identity.label || identity.subject;
    const name = offered.find(({ id }) => id === identity.connection)?.name ?? identity.connection;
    fill(made, { name, label, linked: readable(identity.linked_at) });
    const unlink = made.querySelector("[data-press]");
    unlink.ariaLabel = words("identity.unlink-named", { name, label });
    onPress(unlink, place, async () => {
      await ask("DELETE", `/me/identities/${encodeURIComponent(identity.id)}`);
      await draw();
      say(words("identity.unlinked", { name }));
      section.querySelector("h2").focus();
    });
    return made;
  }
}
