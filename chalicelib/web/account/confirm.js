// Confirming a registration: the link brings the token, the person the password that they chose.
import { call } from "../shared/api.js";
import { show } from "../shared/dom.js";
import { onSend } from "../shared/forms.js";
import { enter } from "./entering.js";

const COMPLAINTS = { 410: "confirm.gone" };

export function start(main, known) {
  startWithToken(main, known, COMPLAINTS);
}

/** Let a form confirm with the token that came, or is typed, and a password; and sign in with that at once. */
export function startWithToken(main, { token = "" }, complaints) {
  show(main, "token", !token);
  onSend(
    main.querySelector("form"),
    async ({ token: typed = "", password }) => {
      const { body } = await call("POST", "/users/confirm", { token: token || typed.trim(), password });
      await enter(main, "/sessions", { email: body.email, password });
    },
    complaints,
  );
}
