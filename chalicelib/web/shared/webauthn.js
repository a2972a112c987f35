// Passkeys, as the browser and the API speak of them: WebAuthn Level 3's own JSON.
import { Cancelled, Hindered } from "./forms.js";
import { words } from "./words.js";

/** Whether this browser can make and use passkeys. */
export const supported =
  "PublicKeyCredential" in window && "parseCreationOptionsFromJSON" in PublicKeyCredential;

/** Make a passkey after the API's options. Throws Cancelled where the person does not want to after all, and Hindered
 * where this device has one. */
export function makePasskey(options) {
  return asked(() =>
    navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }),
  );
}

/** Prove that one has a passkey, after the API's options. Throws Cancelled as well. */
export function usePasskey(options) {
  return asked(() =>
    navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }),
  );
}

async function asked(prompt) {
  try {
    return (await prompt()).toJSON();
  } catch (error) {
    if (error.name === "NotAllowedError" || error.name === "AbortError") throw new Cancelled();
    if (error.name === "InvalidStateError") throw new Hindered(words("passkey.present"));
    throw error;
  }
}
