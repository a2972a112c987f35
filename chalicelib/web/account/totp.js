// The authenticator app: a secret that both sides know, and a code that proves it.
import { copyOf, fill, readable, say, show } from "../shared/dom.js";
import { onPress, onSend } from "../shared/forms.js";
import { picture } from "../shared/qr.js";
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";

/** Bring the section to life; gives what draws it. `changed` is called after a change. */
export function startTotp(section, changed) {
  const enrolment = section.querySelector('[data-place="enrolment"]');
  const press = (name, act) => onPress(section.querySelector(`[data-press="${name}"]`), section, act);
  press("begin", begin);
  press("replace", begin);
  press("remove", async () => {
    await ask("DELETE", "/me/totp");
    await changed();
    say(words("totp.removed"));
    section.querySelector('[data-press="begin"]').focus();
  });

  async function begin() {
    const { secret, otpauth_url: url } = (await ask("POST", "/me/totp")).body;
    const form = copyOf("totp").firstElementChild;
    fill(form, { secret: secret.replace(/.{4}(?=.)/g, "$& ") });
    form.querySelector('[data-place="picture"]').append(picture(url, words("totp.picture")));
    onSend(form, async ({ otp }) => {
      await ask("POST", "/me/totp/confirm", { otp: otp.replace(/\s/g, "") });
      enrolment.replaceChildren();
      await changed();
      say(words("totp.done"));
      section.querySelector('[data-press="replace"]').focus();
    });
    enrolment.replaceChildren(form);
    form.querySelector("h3").focus();
  }

  return ({ totp }) => {
    show(section, "on", Boolean(totp));
    show(section, "off", !totp);
    if (totp) fill(section, { since: readable(totp.created_at) });
  };
}
