// Everything that a person signs in with.
import { fill, say, show } from "../shared/dom.js";
import { onSend } from "../shared/forms.js";
import { speak } from "../shared/language.js";
import { advise } from "../shared/passwords.js";
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { startApplications } from "./applications.js";
import { startIdentities } from "./identities.js";
import { startPasskeys } from "./passkeys.js";
import { startRecoveryCodes } from "./recovery-codes.js";
import { startTotp } from "./totp.js";

export async function start(main, { problem }) {
  const place = (name) => main.querySelector(`[data-place="${name}"]`);
  const sections = [
    startPasskeys(place("passkeys"), draw),
    startTotp(place("totp"), draw),
    startRecoveryCodes(place("recovery"), draw),
  ];
  const self = { hasFactor: undefined, own: [] };
  startPassword(main.querySelector('[data-form="password"]'), self);
  startEmail(main.querySelector('[data-form="email"]'));

  /** Show the factors as they are now. */
  async function draw() {
    const { body: factors } = await ask("GET", "/me/factors");
    for (const section of sections) section(factors);
    self.hasFactor = Boolean(factors.totp) || factors.passkeys.length > 0;
    for (const wanted of ["advised", "required"]) show(main, wanted, factors.wanted === wanted);
  }

  const [{ body: person }] = await Promise.all([
    ask("GET", "/me"),
    draw(),
    startIdentities(place("identities"), problem),
    startApplications(place("applications")),
  ]);
  speak(person.locale);
  self.own = [person.email, person.name];
  fill(main, { email: person.email });
  main.querySelector('[data-form="password"]').elements.email.value = person.email ?? "";
}

/** `self` has what the password is held to: whether there is a second factor, and the person's own words. */
function startPassword(form, self) {
  advise(form.elements.new_password, { own: () => self.own, hasFactor: () => self.hasFactor });
  onSend(form, async ({ current_password, new_password }) => {
    await ask("PUT", "/me/password", { new_password, ...(current_password && { current_password }) });
    form.reset();
    say(words("security.password-changed"));
  });
}

function startEmail(form) {
  onSend(form, async ({ email }) => {
    await ask("PUT", "/me/email", { email });
    form.reset();
    say(words("security.email-mailed", { email }));
  });
}
