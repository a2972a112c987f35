// Passkeys, as the browser and the API speak of them: WebAuthn Level 3's own JSON.
import { Refused, Unreachable } from "./api.js";
import { Cancelled, Hindered } from "./errors.js";
import { words } from "./words.js";

/** Whether this browser can make and use passkeys. */
export const supported =
  "PublicKeyCredential" in window && "parseCreationOptionsFromJSON" in PublicKeyCredential;

let waiting = null;

/** Make a passkey after the API's options. Throws Cancelled where the person does not want to after all, and Hindered
 * where this device has one. */
export function makePasskey(options) {
  const signal = takeTurn();
  return asked(() =>
    navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options), signal }),
  );
}

/** Prove that one has a passkey, after the API's options. Throws Cancelled as well. */
export function usePasskey(options) {
  return used(options, { signal: takeTurn() });
}

/**
 * Offer passkeys where the browser fills in names (`autocomplete="username webauthn"`), until one is chosen or asked
 * for in another way. `ask` gets the API's options, and `use` what the chosen one says. Where the browser cannot, or the
 * API has no options just now, nothing is offered: there is a button as well. Nor where the page has another address
 * than passkeys are for (a SecurityError).
 */
export async function offerPasskeys(ask, use) {
  if (!supported) return;
  // Before anything is waited for: whoever presses the button meanwhile must not be interrupted.
  const signal = takeTurn();
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.()) || signal.aborted) return;
  let answer;
  try {
    answer = await used(await ask(), { signal, mediation: "conditional" });
  } catch (error) {
    if ([Cancelled, Refused, Unreachable].some((kind) => error instanceof kind) || error.name === "SecurityError") return;
    throw error;
  }
  await use(answer);
}

/** The browser has one question open at a time: the one before ends. */
function takeTurn() {
  waiting?.abort();
  waiting = new AbortController();
  return waiting.signal;
}

function used(options, how) {
  return asked(() =>
    navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options), ...how }),
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
