// Asks a person in the middle of their session to prove again who they are.
import { call } from "./api.js";
import { copyOf, show } from "./dom.js";
import { Cancelled } from "./errors.js";
import { onPress, onSend } from "./forms.js";
import { ask, signInAgain } from "./session.js";
import { supported, usePasskey } from "./webauthn.js";

const PATH = "/sessions/current/step-up";
const COMPLAINTS = { 401: "step-up.wrong" };

let asking = null;

/** Until it is proved. Throws Cancelled where the person closes the dialog. */
export function stepUp() {
  asking ??= prove().finally(() => {
    asking = null;
  });
  return asking;
}

async function prove() {
  const factors = await accepted();
  const dialog = copyOf("step-up").firstElementChild;
  show(dialog, "password", !factors.length);
  show(dialog, "factor", factors.length > 0);
  show(dialog, "otp", factors.includes("totp"));
  show(dialog, "recovery_code", factors.includes("recovery_code"));
  show(dialog, "passkey", factors.includes("passkey") && supported);
  document.body.append(dialog);
  return new Promise((resolve, reject) => {
    let proved = false;
    const send = async (proof) => {
      await ask("POST", PATH, proof);
      proved = true;
      dialog.close();
    };
    for (const form of dialog.querySelectorAll("form")) onSend(form, send, COMPLAINTS);
    const place = dialog.querySelector('[data-place="passkey"]');
    onPress(place.querySelector("[data-press]"), place, async () => {
      const options = (await call("POST", "/sessions/passkey/options")).body;
      await send({ passkey: await usePasskey(options) });
    }, COMPLAINTS);
    dialog.querySelector('[data-press="cancel"]').addEventListener("click", () => dialog.close());
    dialog.querySelector('[data-press="other"]').addEventListener("click", () => {
      dialog.close();
      signInAgain();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (proved) resolve();
      else reject(new Cancelled());
    });
    dialog.showModal();
  });
}

/** The factors of which one is wanted; none where it is the password. The API says so when it is sent nothing. */
async function accepted() {
  try {
    await ask("POST", PATH, {});
  } catch (error) {
    if (error.type === "factor-required") return error.problem.factors;
    if (error.status !== 422) throw error;
  }
  return [];
}
