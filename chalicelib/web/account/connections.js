// Signing in with an account elsewhere: what there is, and the way to it.
import { ROOT, call } from "../shared/api.js";
import { show } from "../shared/dom.js";
import { Cancelled } from "../shared/errors.js";
import { STAGE } from "../shared/stage.js";
import { LOCALE, hasWords, words } from "../shared/words.js";
import { keepErrand } from "./errands.js";

let known = STAGE.no_connections ? Promise.resolve([]) : null;

/** The providers that one can sign in with, `{id, name}` each. */
export function connections() {
  known ??= call("GET", "/sessions/connections", undefined, { cache: "default" })
    .then(({ body }) => body.items)
    .catch((error) => {
      known = null;
      throw error;
    });
  return known;
}

/** Put a button for each provider into its place. `hint()` says who is signing in, as far as they have told. */
export async function offerConnections(main, hint, then) {
  const place = main.querySelector('[data-place="connections"]');
  // Where the list cannot be had, there are the other ways.
  const offered = await connections().catch(() => []);
  place.replaceChildren(
    ...offered.map(({ id, name }) => {
      const made = button(id, words("connection.go-on", { name }));
      made.addEventListener("click", () => depart(id, hint(), then));
      return made;
    }),
  );
  if (offered.length) show(main, "others");
}

/** A button for a connection that says this, beside its provider's sign, where the owner has one. */
export function button(id, text) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: "secondary" });
  made.append(...(STAGE.signed_connections.includes(id) ? [sign(id)] : []), text);
  return made;
}

function sign(id) {
  const src = new URL(`../brand/connection-${id}.svg`, import.meta.url);
  return Object.assign(document.createElement("img"), { className: "sign", src, alt: "" });
}

/** What to say of the problem that a provider sent somebody back with. */
export function problemOf(code) {
  const key = `connection.problem-${code}`;
  return words(hasWords(key) ? key : "connection.problem-other");
}

/** Go to a provider. Its answer comes back to `/account/connected`, or with a problem to `/account/sign-in`. */
function depart(id, hint = "", then = null) {
  if (then) keepErrand(then.page, then.known);
  const address = new URL(`sessions/connections/${encodeURIComponent(id)}`, ROOT);
  address.searchParams.set("ui_locales", LOCALE);
  if (hint) address.searchParams.set("login_hint", hint);
  location.assign(address);
}

/** Do something for whoever has that address. Where they come in by a provider alone, go there instead, and throw
 * Cancelled. */
export async function orDepart(email, act, then) {
  try {
    return await act();
  } catch (error) {
    if (error.type !== "connection-required") throw error;
    depart(error.problem.connection.id, email, then);
    throw new Cancelled();
  }
}
