// Recovery codes: shown when they are made, and never again.
import { copyOf, fill, readable, say, show } from "../shared/dom.js";
import { save } from "../shared/files.js";
import { onPress } from "../shared/forms.js";
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";

/** Bring the section to life; gives what draws it. `changed` is called after a change. */
export function startRecoveryCodes(section, changed) {
  const make = section.querySelector('[data-press="make"]');
  const place = section.querySelector('[data-place="codes"]');
  onPress(make, section, async () => {
    const { recovery_codes: codes } = (await ask("POST", "/me/recovery-codes")).body;
    await changed();
    place.replaceChildren(shown(codes));
    place.querySelector("h3").focus();
  });

  return ({ totp, passkeys, recovery_codes: codes }) => {
    const usable = Boolean(totp) || passkeys.length > 0;
    show(section, "some", Boolean(codes));
    show(section, "none", !codes && usable);
    show(section, "useless", !usable);
    make.hidden = !usable;
    if (codes) fill(section, { "recovery-left": words("security.recovery-left", { count: codes.left, made: readable(codes.created_at) }) });
  };
}

function shown(codes) {
  const made = copyOf("recovery-codes").firstElementChild;
  const text = `${codes.join("\n")}\n`;
  made.querySelector("[data-list]").append(
    ...codes.map((code) => {
      const item = document.createElement("li");
      item.append(Object.assign(document.createElement("code"), { textContent: code }));
      return item;
    }),
  );
  made.querySelector('[data-press="copy"]').addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    say(words("recovery-codes.copied"));
  });
  made.querySelector('[data-press="save"]').addEventListener("click", () => save(text, "recovery-codes.txt", "text/plain"));
  return made;
}
