// A person's passkeys.
import { copyOf, fill, readable, say, show } from "../shared/dom.js";
import { onPress, onSend } from "../shared/forms.js";
import { ask } from "../shared/session.js";
import { named } from "../shared/user-agents.js";
import { makePasskey, supported } from "../shared/webauthn.js";
import { words } from "../shared/words.js";

/** Bring the section to life; gives what draws it. `changed` is called after a change. */
export function startPasskeys(section, changed) {
  const form = section.querySelector("form");
  const place = section.querySelector('[data-place="passkey-list"]');
  show(section, "passkey", supported);
  show(section, "no-passkey", !supported);
  form.elements.name.value = named(navigator.userAgent);
  onSend(form, async ({ name }) => {
    const options = (await ask("POST", "/me/passkeys/options")).body;
    await ask("POST", "/me/passkeys", { name, response: await makePasskey(options) });
    await changed();
    say(words("passkey.added", { name }));
  });

  function row(passkey) {
    const made = copyOf("passkey").firstElementChild;
    fill(made, { name: passkey.name, made: readable(passkey.created_at) });
    show(made, "used", Boolean(passkey.last_used_at));
    if (passkey.last_used_at) fill(made, { used: readable(passkey.last_used_at) });
    const remove = made.querySelector("[data-press]");
    remove.ariaLabel = words("passkey.remove", { name: passkey.name });
    onPress(remove, place, async () => {
      await ask("DELETE", `/me/passkeys/${encodeURIComponent(passkey.id)}`);
      await changed();
      say(words("passkey.removed", { name: passkey.name }));
      form.elements.name.focus();
    });
    return made;
  }

  return ({ passkeys }) => section.querySelector("[data-list]").replaceChildren(...passkeys.map(row));
}
