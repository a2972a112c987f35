// On the way to the console, for who is signed in.
import { ROOT } from "../shared/api.js";

const CONSOLE = new URL("console", ROOT);

/** Go to the address in the console that is wanted, and to nowhere else. */
export function start(_main, { to = "" }) {
  const wanted = URL.canParse(`${CONSOLE.href}${to}`) ? new URL(`${CONSOLE.href}${to}`) : CONSOLE;
  const inside = wanted.origin === CONSOLE.origin && `${wanted.pathname}/`.startsWith(`${CONSOLE.pathname}/`);
  location.replace(inside ? wanted : CONSOLE);
  // The page stays until the next one is there.
  return new Promise(() => {});
}
