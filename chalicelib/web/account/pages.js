// Which page is shown, and how one comes from one to the next without loading anything anew.
import { ROOT, Refused, Unreachable } from "../shared/api.js";
import { copyOf, fill, say } from "../shared/dom.js";
import { Cancelled } from "../shared/errors.js";
import { forget, isSignedIn } from "../shared/session.js";
import { STAGE } from "../shared/stage.js";
import { words } from "../shared/words.js";
import { keepErrand, presentErrand } from "./errands.js";

const HOME = new URL("account", ROOT);
const MAIN = document.querySelector("main");

/**
 * Each page by the last part of its address: its module, whose `start(main, known)` brings the template of that name to
 * life, and whether it is for whoever is signed in (`own`), or only for whoever is not (`stranger`). What other
 * applications send people to is shown `alone`, without the way to the other pages; and who has to sign in first comes
 * back to it.
 */
const PAGES = {
  profile: { load: () => import("./profile.js"), own: true },
  security: { load: () => import("./security.js"), own: true },
  devices: { load: () => import("./devices.js"), own: true },
  data: { load: () => import("./data.js"), own: true },
  "sign-in": { load: () => import("./sign-in.js"), stranger: true },
  register: { load: () => import("./register.js"), stranger: true },
  confirm: { load: () => import("./confirm.js") },
  reset: { load: () => import("./reset.js") },
  code: { load: () => import("./code.js") },
  email: { load: () => import("./email.js"), own: true },
  invitation: { load: () => import("./invitation.js") },
  connected: { load: () => import("./connected.js") },
  link: { load: () => import("./link.js") },
  authorize: { load: () => import("./authorize.js"), own: true, alone: true },
  device: { load: () => import("./device.js"), own: true, alone: true },
  console: { load: () => import("./console.js"), own: true, alone: true },
  "signed-out": { load: () => import("./signed-out.js"), alone: true },
};
const FIRST = "profile";

let shown = "";
let openings = 0;

/** Go to a page, with what it should know, such as a `token`, `news` to say, or the page to go to `then`. */
export function go(name, known = {}) {
  history.pushState(null, "", addressOf(name));
  return open(known);
}

/** Go to a page instead of the present one. */
export function replace(name, known = {}) {
  history.replaceState(null, "", addressOf(name));
  return open(known);
}

/** Sign in anew, in any way and as anybody, and come back to the present page. The session stays until then. */
export function signInAgain() {
  const page = nameOf(location.pathname);
  const errand = presentErrand();
  forget();
  return replace("sign-in", { then: { page, known: errand?.page === page ? errand.known : {} } });
}

/** Show the page that the address names. */
export async function open(known = {}) {
  const mine = ++openings;
  const name = nameOf(location.pathname);
  const page = PAGES[name];
  if (page.own && page.alone) known = errandOf(name, known);
  if (page.own && !isSignedIn() && !known.problem) return replace("sign-in", { ...known, then: { page: name, known } });
  if (page.stranger && isSignedIn()) return replace(known.problem ? "security" : FIRST, known);
  say(known.news ?? "");
  try {
    const { start } = await page.load();
    if (mine !== openings) return;
    present(name, page.alone);
    await start(MAIN, known);
  } catch (error) {
    if (mine === openings && !(error instanceof Cancelled)) fail(error);
  }
}

/**
 * What the address says beside the page: the `token` of a mailed link, another application's `request` and the `email`
 * that it expects, the `code` of a device, where in the console one wants `to` go, or the `problem` that somebody comes
 * back with. It leaves the address bar, and
 * so the history, before anything else happens.
 */
export function takeArrival() {
  // A tracker that counts clicks may have put words of its own at the end of the link, as if it had no fragment.
  const brought = new URLSearchParams(location.hash.slice(1).replace("?", "&"));
  const code = new URLSearchParams(location.search).get("user_code");
  if (location.hash || code) history.replaceState(null, "", location.pathname);
  const all = {
    token: brought.get("token"),
    request: brought.get("request"),
    email: brought.get("login_hint"),
    problem: brought.get("problem"),
    to: brought.get("to"),
    code,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value));
}

/** Give every link to a page its address, and let it be followed without loading anything anew. */
export function link(root) {
  for (const a of root.querySelectorAll("a[data-page]")) {
    a.href = addressOf(a.dataset.page);
    a.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      go(a.dataset.page);
    });
  }
}

/** Put a copy of a template in the place of what is shown, with its texts, and the keyboard at its beginning: its
 * heading, which is the title as well. */
export function swap(template, texts = {}) {
  const view = copyOf(template);
  link(view);
  fill(view, texts);
  MAIN.replaceChildren(view);
  const heading = MAIN.querySelector("h1");
  document.title = `${heading.textContent} – ${STAGE.product}`;
  heading.focus();
}

/** What an errand's page should know: what has just come with it, or what came before it was loaded anew. */
function errandOf(name, known) {
  if (known.problem) return known;
  const kept = presentErrand();
  const { request, code, to } = known.request || known.code || known.to || kept?.page !== name ? known : kept.known;
  keepErrand(name, { request, code, to });
  return { ...known, request, code, to };
}

function present(name, alone = false) {
  shown = location.pathname;
  for (const part of document.querySelectorAll("[data-signed-in]")) part.hidden = alone || !isSignedIn();
  for (const a of document.querySelectorAll("nav a")) a.ariaCurrent = a.dataset.page === name ? "page" : null;
  swap(name);
}

function fail(error) {
  present("failed");
  fill(MAIN, { reason: words(error instanceof Unreachable ? "failed.unreachable" : "failed.unknown") });
  if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
}

function addressOf(name) {
  return name === FIRST ? HOME.href : `${HOME.href}/${name}`;
}

function nameOf(path) {
  const name = path.slice(HOME.pathname.length + 1);
  return Object.hasOwn(PAGES, name) ? name : FIRST;
}

window.addEventListener("popstate", () => {
  if (location.pathname !== shown) open();
});
window.addEventListener("hashchange", () => {
  const arrival = takeArrival();
  if (Object.keys(arrival).length) open(arrival);
});
