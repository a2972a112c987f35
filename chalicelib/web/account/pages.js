// Which page is shown, and how one comes from one to the next without loading anything anew.
import { ROOT, Refused, Unreachable } from "../shared/api.js";
import { copyOf, fill, say } from "../shared/dom.js";
import { Cancelled } from "../shared/forms.js";
import { STAGE } from "../shared/stage.js";
import { words } from "../shared/words.js";
import { isSignedIn } from "./session.js";

const HOME = new URL("account", ROOT);
const MAIN = document.querySelector("main");

/**
 * Each page by the last part of its address: its module, whose `start(main, known)` brings the template of that name to
 * life, and whether it is for whoever is signed in (`own`), or only for whoever is not (`stranger`).
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
};
const FIRST = "profile";

let shown = "";
let openings = 0;

/** Go to a page, with what it should know, such as a `token`, `news` to say, or what to do `then`. */
export function go(name, known = {}) {
  history.pushState(null, "", addressOf(name));
  return open(known);
}

/** Go to a page instead of the present one. */
export function replace(name, known = {}) {
  history.replaceState(null, "", addressOf(name));
  return open(known);
}

/** Show the page that the address names. */
export async function open(known = {}) {
  const mine = ++openings;
  const name = nameOf(location.pathname);
  const page = PAGES[name];
  if (page.own && !isSignedIn()) return replace("sign-in", { ...known, then: () => replace(name, known) });
  if (page.stranger && isSignedIn()) return replace(FIRST, known);
  say(known.news ?? "");
  try {
    const { start } = await page.load();
    if (mine !== openings) return;
    present(name);
    await start(MAIN, known);
  } catch (error) {
    if (mine === openings && !(error instanceof Cancelled)) fail(error);
  }
}

/** The token of a mailed link. It leaves the address bar, and so the history, before anything else happens. */
export function takeToken() {
  // A tracker that counts clicks may have put words of its own at the end of the link, as if it had no fragment.
  const token = new URLSearchParams(location.hash.slice(1).replace("?", "&")).get("token") ?? "";
  if (location.hash) history.replaceState(null, "", location.pathname);
  return token;
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

/** Put a copy of a template in the place of what is shown, and the keyboard at its beginning: its heading, which is the
 * title as well. */
export function swap(template) {
  const view = copyOf(template);
  link(view);
  MAIN.replaceChildren(view);
  const heading = MAIN.querySelector("h1");
  document.title = `${heading.textContent} – ${STAGE.product}`;
  heading.focus();
}

function present(name) {
  shown = location.pathname;
  for (const part of document.querySelectorAll("[data-signed-in]")) part.hidden = !isSignedIn();
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
  const token = takeToken();
  if (token) open({ token });
});
