// Confirming a registration: the link brings the token, the person the password that they chose.
import { call } from "../shared/api.js";
import { show } from "../shared/dom.js";
import { onSend } from "../shared/forms.js";
import { enter } from "./entering.js";

const WORDS = {
  401: "The password is not the one that you chose when you created the account.",
  410: "This link or code is not good any more. If you cannot sign in, create the account again.",
};

export function start(main, { token = "" }) {
  show(main, "token", !token);
  onSend(
    main.querySelector("form"),
    async ({ token: typed = "", password }) => {
      const { body } = await call("POST", "/users/confirm", { token: token || typed.trim(), password });
      await enter(main, "/sessions", { email: body.email, password });
    },
    WORDS,
  );
}
