// Who looks at the console, and what they may do.
import { ask } from "../shared/session.js";

/** The person: `email`, `isAdmin`, and whether they may look at anything here. */
export const READER = { id: "", email: "", isAdmin: false, mayRead: false };

/** Ask who it is. */
export async function recognise() {
  const { body } = await ask("GET", "/me");
  const isAdmin = body.roles.includes("admin");
  Object.assign(READER, { id: body.id, email: body.email ?? body.id, isAdmin, mayRead: isAdmin || body.roles.includes("support") });
}
