// Inviting somebody.
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { asked } from "./dialogs.js";
import { say } from "./pages.js";

/** Ask whom, and invite them. Gives the person, or undefined. */
export function invite() {
  return asked({
    title: words("people.invite"),
    text: words("people.invite-text"),
    fields: [
      { name: "email", label: words("common.email"), type: "email", required: true },
      { name: "name", label: words("common.name") },
      { name: "roles", label: words("people.roles"), hint: words("people.roles-hint") },
    ],
    action: words("people.invite"),
    send: async ({ email, name, roles }) => {
      const { body } = await ask("POST", "/users/invite", { email, ...(name && { name }), ...(roles.trim() && { roles: split(roles) }) });
      say(words("people.invited", { email }));
      return body;
    },
  });
}

/** The roles in a text, separated by spaces or commas. */
export function split(text) {
  return [...new Set(text.split(/[\s,]+/).filter(Boolean))];
}
