// Which part of the console is shown, and how one comes from one to the next without loading anything anew. An address
// says all of it: the part, the thing, and what a list is filtered by, so that it can be given to somebody else.
import { ROOT, Refused, Unreachable } from "../shared/api.js";
import { Cancelled } from "../shared/errors.js";
import { isSignedIn } from "../shared/session.js";
import { STAGE } from "../shared/stage.js";
import { LOCALE, learn, words } from "../shared/words.js";
import { button, el } from "./elements.js";
import { READER } from "./reader.js";

const HOME = new URL("console", ROOT);
const MAIN = document.querySelector("main");
const NEWS = document.getElementById("news");

/**
 * Each part by its place in the address: the module of what it lists, whose `start(main, visit)` fills the page, and of
 * `one` thing of that list. What only administrators may read is `admin`; a part that not every stage has says whether
 * it is `offered`.
 */
const PARTS = {
  overview: { load: () => import("./overview.js"), title: "console.overview" },
  people: { load: () => import("./people.js"), one: () => import("./person.js"), title: "console.people" },
  questions: { load: () => import("./questions.js"), one: () => import("./segment.js"), title: "console.questions", offered: STAGE.read_model },
  imports: { load: () => import("./imports.js"), one: () => import("./import.js"), title: "console.imports", admin: true },
  events: { load: () => import("./events.js"), title: "console.events", admin: true },
  webhooks: { load: () => import("./webhooks.js"), one: () => import("./webhook.js"), title: "console.webhooks", admin: true },
  applications: { load: () => import("./applications.js"), one: () => import("./application.js"), title: "console.applications", admin: true },
  operations: { load: () => import("./operations.js"), title: "console.operations" },
  settings: { load: () => import("./settings.js"), title: "console.settings", admin: true },
};
const FIRST = "overview";

const learned = new Set();
let visit = null;

/** The address of a part, of one thing in it, or of a list with filters: `address("people", {role: "admin"})`. */
export function address(part, query = {}, id = "") {
  const path = [part === FIRST ? "" : part, encodeURIComponent(id)].filter(Boolean).join("/");
  const given = Object.entries(query).filter(([, value]) => value !== "" && value !== undefined && value !== null);
  const search = new URLSearchParams(given);
  return `${HOME.href}${path && `/${path}`}${search.size ? `?${search}` : ""}`;
}

/** A link to a part. */
export function link(text, part, query, id, attributes = {}) {
  return el("a", { ...attributes, href: address(part, query, id) }, text);
}

/** Go to an address of the console, and say there what was done, if anything. */
export async function go(href, message = "") {
  history.pushState(null, "", href);
  await open();
  if (message) say(message);
}

/** Show the present address anew, and say what was done; `undo` is offered beside it. */
export async function reopen(message, undo) {
  await open();
  say(message, undo);
}

/** Let the address say what is shown now, without showing it anew. */
export function note(href) {
  history.replaceState(null, "", href);
}

/** Say something in the line for news; `undo` is offered beside it, where that is possible. */
export function say(message, undo) {
  NEWS.replaceChildren(message);
  if (undo) {
    NEWS.append(" ", button(words("console.undo"), async () => {
      NEWS.replaceChildren();
      await undo();
    }, { class: "plain" }));
  }
}

/** Where one signs in and comes back to the present address. */
export function signInAt() {
  const wanted = location.href.slice(HOME.href.length);
  const url = new URL("account/console", ROOT);
  url.hash = new URLSearchParams({ to: wanted });
  return url;
}

/** The session is over, here or in another tab. What was open stays the address, for when somebody is in again. */
export function over() {
  leave();
  frame("");
  present(words("console.over"), el("p", {}, words("console.over-text")), el("p", { class: "actions" }, el("a", { class: "button", href: signInAt() }, words("common.sign-in"))));
}

/** Show what the address says, or what went wrong before it could be. */
export async function open(problem = null) {
  leave();
  if (problem) return fail(problem);
  const [name, id] = parts();
  const part = PARTS[name]?.offered === false ? undefined : PARTS[name];
  const controller = new AbortController();
  const mine = { id, query: Object.fromEntries(new URLSearchParams(location.search)), signal: controller.signal, end: () => controller.abort() };
  visit = mine;
  frame(name);
  if (!READER.mayRead || (part?.admin && !READER.isAdmin)) return present(words("console.not-yours"), el("p", {}, words("console.not-yours-text")));
  if (!part || (id && !part.one)) return present(words("console.nowhere"), el("p", {}, words("console.nowhere-text")));
  try {
    const [module] = await Promise.all([id ? part.one() : part.load(), textsOf(name)]);
    if (mine.signal.aborted) return undefined;
    MAIN.replaceChildren();
    await module.start(MAIN, mine);
    if (!mine.signal.aborted) entitle();
  } catch (error) {
    if (!mine.signal.aborted && !(error instanceof Cancelled)) fail(error);
  }
  return undefined;
}

/** Put the title of the page into its heading and the window's, and the keyboard there. */
export function heading(title, ...beside) {
  return el("header", { class: "heading" }, el("h1", { tabindex: "-1" }, title), beside.some(Boolean) && el("div", { class: "actions" }, beside));
}

function entitle() {
  const title = MAIN.querySelector("h1");
  document.title = `${title.textContent} – ${STAGE.product}`;
  title.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

function present(title, ...children) {
  MAIN.replaceChildren(heading(title), el("section", { class: "card" }, children));
  entitle();
}

function fail(error) {
  if (error instanceof Refused && error.status === 404) {
    present(words("console.nowhere"), el("p", {}, words("console.gone-text")));
  } else if (error instanceof Unreachable) {
    present(words("console.failed"), el("p", {}, words("console.unreachable")), again());
  } else {
    // Also where modules of two versions met, because a new one was deployed meanwhile: loading anew mends that.
    present(words("console.failed"), el("p", {}, words(error instanceof Refused ? "console.refused" : "console.new-version")), again());
    if (!(error instanceof Refused)) throw error;
  }
}

function again() {
  return el("p", { class: "actions" }, button(words("console.reload"), () => location.reload(), { class: "" }));
}

function leave() {
  visit?.end();
  visit = null;
  NEWS.replaceChildren();
}

function parts() {
  const [part, id] = location.pathname.slice(HOME.pathname.length + 1).split("/");
  return [part || FIRST, decodeURIComponent(id ?? "")];
}

function frame(name) {
  for (const element of document.querySelectorAll("[data-signed-in]")) element.hidden = !isSignedIn() || !READER.mayRead;
  const offered = Object.entries(PARTS).filter(([, part]) => (READER.isAdmin || !part.admin) && part.offered !== false);
  const list = document.querySelector("nav ul");
  list.replaceChildren(...offered.map(([part, { title }]) =>
    el("li", {}, link(words(title), part, {}, "", { "aria-current": part === name && "page" }))));
  // On a narrow screen the parts are a strip that is wider than the screen.
  const current = list.querySelector("[aria-current]");
  if (current) list.scrollLeft = current.offsetLeft - (list.clientWidth - current.offsetWidth) / 2;
}

async function textsOf(part) {
  if (!learned.has(part)) {
    const response = await fetch(new URL(`../texts-${LOCALE}/${part}.json`, import.meta.url));
    if (!response.ok) throw new Unreachable(`the texts of ${part}`);
    learn(await response.json());
    learned.add(part);
  }
}

document.addEventListener("click", (event) => {
  const a = event.target.closest?.("a[href]");
  if (!a || a.hasAttribute("target") || a.hasAttribute("download") || event.defaultPrevented) return;
  if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const url = new URL(a.getAttribute("href"), location.href);
  const inside = url.origin === HOME.origin && `${url.pathname}/`.startsWith(`${HOME.pathname}/`);
  if (!inside || url.hash) return;
  event.preventDefault();
  go(url.href);
});
window.addEventListener("popstate", () => open());
