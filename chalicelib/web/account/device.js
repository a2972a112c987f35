// A device without a keyboard or browser of its own, such as a television or a command line, gets access: by the code
// that it shows, which somebody enters or confirms here.
import { show } from "../shared/dom.js";
import { onSend } from "../shared/forms.js";
import { ask } from "../shared/session.js";
import { askForConsent } from "./consent.js";
import { endErrand, keepErrand } from "./errands.js";
import { swap } from "./pages.js";

const PATH = "/oauth2/device/approve";
const COMPLAINTS = { 404: "device.wrong", 410: "device.wrong", 422: "device.wrong" };

export function start(main, { code = "" }) {
  const form = main.querySelector("form");
  form.elements.user_code.value = code;
  show(main, "typed", !code);
  show(main, "brought", Boolean(code));
  onSend(form, ({ user_code }) => look(main, asShown(user_code)), COMPLAINTS);
}

/** A code as devices show it, however it was typed. */
function asShown(code) {
  const letters = code.toUpperCase().replace(/[^A-Z]/g, "");
  return letters.replace(/.{4}(?=.)/g, "$&-");
}

async function look(main, code) {
  const send = async (answer) => (await ask("POST", PATH, { user_code: code, ...answer })).body;
  const { consent } = await send({});
  keepErrand("device", { code });
  const decide = async (allow) => {
    await send({ allow });
    endErrand();
    if (allow) swap("device-allowed", consent.client);
    else swap("device-denied", consent.client);
  };
  await askForConsent(main, consent, decide, code);
}
