// Who is signed in here. The refresh token is a cookie that no script can read; the access token is kept in this
// module's memory and nowhere else, so that it is gone with the page.
import { Refused, call } from "./api.js";
import { Cancelled } from "./errors.js";
import { forgetLanguage } from "./language.js";

const MARK = "rollcall.signed-in";
const LOCK = "rollcall.refresh";
const MARGIN_SECONDS = 30;

let accessToken = "";
let goodUntil = 0;
let refreshing = null;
let ended = () => {};
let again = () => {};

/** Whether there is, as far as is known, a session. */
export function isSignedIn() {
  return accessToken !== "";
}

/** The access token, for who wants to see it. Empty where there is no session. */
export function token() {
  return accessToken;
}

/** Call `listener` when the session ends without having been asked to, here or in another tab. */
export function onEnd(listener) {
  ended = listener;
  window.addEventListener("storage", (event) => {
    if (event.key !== MARK || event.newValue !== null || !accessToken) return;
    forget();
    ended();
  });
}

/** Call `listener` when the person wants to sign in anew, in whichever way they like. The session stays until then. */
export function onSignInAgain(listener) {
  again = listener;
}

/** Let the person sign in anew. */
export function signInAgain() {
  return again();
}

/** Call `listener` when a session begins in another tab, and there is none here. */
export function onBegin(listener) {
  window.addEventListener("storage", (event) => {
    if (event.key === MARK && event.newValue !== null && !accessToken) listener();
  });
}

/** Go on with the session of an earlier page, if there is one. A visitor who never signed in costs no request. */
export async function resume() {
  return localStorage.getItem(MARK) !== null && refresh();
}

/** Go on with the session that has just begun elsewhere than on a page: its cookie is all that there is of it. */
export function resumeUnmarked() {
  return refresh();
}

/** Sign in by one of the API's ways; `body` has what that way asks for. Throws Refused. */
export async function signIn(path, body) {
  keep((await call("POST", path, { ...body, browser: true })).body);
}

/** Sign out here. */
export async function signOut() {
  await ask("DELETE", "/sessions/current");
  forget();
}

/**
 * Call the API as the person who is signed in: refreshes, and asks them to prove again who they are, as needed.
 * Throws Cancelled where they do not, and where their session is over.
 */
export async function ask(method, path, body, options = {}) {
  if (Date.now() > goodUntil) await refreshOrEnd();
  for (let renewed = false, proved = false; ; ) {
    try {
      return await call(method, path, body, { ...options, token: accessToken });
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 401) throw error;
      if (error.type === "step-up-required" && !proved) {
        const { stepUp } = await import("./step-up.js");
        await stepUp();
        proved = true;
      } else if (error.type === "invalid-token" && !renewed) {
        await refreshOrEnd();
        renewed = true;
      } else throw error;
    }
  }
}

/** Take note that the session is over. */
export function forget() {
  accessToken = "";
  localStorage.removeItem(MARK);
  forgetLanguage();
}

function keep(granted) {
  accessToken = granted.access_token;
  goodUntil = Date.now() + (granted.expires_in - MARGIN_SECONDS) * 1000;
  localStorage.setItem(MARK, "yes");
}

/** Whether the cookie was good for a new access token. Tabs take turns: each use of the cookie replaces it. */
function refresh() {
  refreshing ??= navigator.locks
    .request(LOCK, async () => keep((await call("POST", "/sessions/refresh", {})).body))
    .then(() => true)
    .catch((error) => {
      if (!(error instanceof Refused) || ![401, 403].includes(error.status)) throw error;
      forget();
      return false;
    })
    .finally(() => {
      refreshing = null;
    });
  return refreshing;
}

async function refreshOrEnd() {
  if (await refresh()) return;
  ended();
  throw new Cancelled();
}
