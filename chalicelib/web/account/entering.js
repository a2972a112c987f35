// Coming in: by whichever way of signing in, and the second step where the account wants one.
import { call } from "../shared/api.js";
import { show } from "../shared/dom.js";
import { attempt, onPress, onSend } from "../shared/forms.js";
import { signIn } from "../shared/session.js";
import { offerPasskeys, supported, usePasskey } from "../shared/webauthn.js";
import { orDepart } from "./connections.js";
import { endErrand, presentErrand } from "./errands.js";
import { replace, swap } from "./pages.js";

const FRESH_MILLISECONDS = 240_000;
const WRONG_CODE = { 401: "second-factor.wrong" };
const WRONG_PASSKEY = { 401: "sign-in.passkey-unknown" };

/** Sign in at `path`, and go on to the page that was wanted `then`. Throws Refused, but for a second factor, which is
 * asked for. */
export async function enter(main, path, body, then) {
  try {
    await admit(path, body, then);
  } catch (error) {
    if (error.type !== "factor-required") throw error;
    const send = (proof) => enterWith(path, { ...body, ...proof }, then);
    return askForFactor(main, error.problem.factors, send, (response) => enterByPasskey(response, then));
  }
  return onward(then);
}

/** Let a button sign in by passkey. It is not shown where the browser knows none. */
export function offerPasskey(main, then) {
  offerToUse(main, (response) => enterByPasskey(response, then));
}

function offerToUse(main, use) {
  show(main, "passkey", supported);
  const place = main.querySelector('[data-place="passkey"]');
  const press = async () => use(await usePasskey(await challenge()));
  onPress(place.querySelector("[data-press]"), place, press, WRONG_PASSKEY);
}

/** Offer passkeys in the place of an address, too. A challenge is good for five minutes: whoever comes to a field after
 * four gets a new one. */
export function offerPasskeysToFill(main, then) {
  const place = main.querySelector('[data-place="passkey"]');
  const use = (response) => attempt(place, () => enterByPasskey(response, then), WRONG_PASSKEY);
  let since = 0;
  const offer = () => {
    if (Date.now() - since < FRESH_MILLISECONDS) return;
    since = Date.now();
    offerPasskeys(challenge, use);
  };
  main.querySelector("form").addEventListener("focusin", offer);
  offer();
}

function enterByPasskey(response, then) {
  return enterWith("/sessions/passkey", { response }, then);
}

async function challenge() {
  return (await call("POST", "/sessions/passkey/options")).body;
}

async function enterWith(path, body, then) {
  await admit(path, body, then);
  await onward(then);
}

function admit(path, body, then) {
  return orDepart(body.email, () => signIn(path, body), then);
}

/** Go on, now that somebody is in: to the page that they wanted, or to what they came for. */
export function onward(then) {
  const next = then ?? presentErrand();
  if (!then) endErrand();
  return next ? replace(next.page, next.known) : replace("profile");
}

/** Ask for the second step, which `send(proof)` takes; of a passkey, which needs no first step, `use(response)` may. */
export function askForFactor(main, factors, send, use = (passkey) => send({ passkey })) {
  swap("second-factor");
  show(main, "otp", factors.includes("totp"));
  show(main, "recovery_code", factors.includes("recovery_code"));
  onSend(main.querySelector('[data-form="otp"]'), ({ otp }) => send({ otp: otp.replace(/\s/g, "") }), WRONG_CODE);
  onSend(main.querySelector('[data-form="recovery"]'), ({ recovery_code }) => send({ recovery_code }), WRONG_CODE);
  if (factors.includes("passkey")) offerToUse(main, use);
  else show(main, "passkey", false);
}
