// Coming in: by whichever way of signing in, and the second step where the account wants one.
import { call } from "../shared/api.js";
import { show } from "../shared/dom.js";
import { attempt, onPress, onSend } from "../shared/forms.js";
import { offerPasskeys, supported, usePasskey } from "../shared/webauthn.js";
import { replace, swap } from "./pages.js";
import { signIn } from "./session.js";

const FRESH_MILLISECONDS = 240_000;
const WRONG_CODE = { 401: "second-factor.wrong" };
const WRONG_PASSKEY = { 401: "sign-in.passkey-unknown" };

/** Sign in at `path`, and do what was wanted `then`. Throws Refused, but for a second factor, which is asked for. */
export async function enter(main, path, body, then) {
  try {
    await signIn(path, body);
  } catch (error) {
    if (error.type !== "factor-required") throw error;
    return askForFactor(main, error.problem.factors, (proof) => enterWith(path, { ...body, ...proof }, then), then);
  }
  return onward(then);
}

/** Let a button sign in by passkey. It is not shown where the browser knows none. */
export function offerPasskey(main, then) {
  show(main, "passkey", supported);
  const place = main.querySelector('[data-place="passkey"]');
  onPress(place.querySelector("[data-press]"), place, () => enterByPasskey(then), WRONG_PASSKEY);
}

/** Offer passkeys in the place of an address, too. A challenge is good for five minutes: whoever comes to a field after
 * four gets a new one. */
export function offerPasskeysToFill(main, then) {
  const place = main.querySelector('[data-place="passkey"]');
  const use = (response) => attempt(place, () => enterWith("/sessions/passkey", { response }, then), WRONG_PASSKEY);
  let since = 0;
  const offer = () => {
    if (Date.now() - since < FRESH_MILLISECONDS) return;
    since = Date.now();
    offerPasskeys(challenge, use);
  };
  main.querySelector("form").addEventListener("focusin", offer);
  offer();
}

async function enterByPasskey(then) {
  await enterWith("/sessions/passkey", { response: await usePasskey(await challenge()) }, then);
}

async function challenge() {
  return (await call("POST", "/sessions/passkey/options")).body;
}

async function enterWith(path, body, then) {
  await signIn(path, body);
  await onward(then);
}

function onward(then) {
  return then ? then() : replace("profile");
}

function askForFactor(main, factors, send, then) {
  swap("second-factor");
  show(main, "otp", factors.includes("totp"));
  show(main, "recovery_code", factors.includes("recovery_code"));
  onSend(main.querySelector('[data-form="otp"]'), ({ otp }) => send({ otp: otp.replace(/\s/g, "") }), WRONG_CODE);
  onSend(main.querySelector('[data-form="recovery"]'), ({ recovery_code }) => send({ recovery_code }), WRONG_CODE);
  if (factors.includes("passkey")) offerPasskey(main, then);
  else show(main, "passkey", false);
}
