// A person's roles, as they are changed.
import { ask } from "../shared/session.js";
import { pathOf } from "./people-words.js";

/** Put what `changed(roles)` makes of a person's roles in their place, unless they changed meanwhile. Gives the roles
 * as they were. Throws Refused. */
export async function rolesOf(id, changed) {
  const path = pathOf(id);
  const { body: person, version } = await ask("GET", path);
  await ask("PUT", `${path}/roles`, { roles: changed(person.roles) }, { version });
  return person.roles;
}
