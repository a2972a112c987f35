// Confirming a new address: the link that was mailed to it brings the token.
import { show } from "../shared/dom.js";
import { onSend } from "../shared/forms.js";
import { replace } from "./pages.js";
import { ask } from "./session.js";

const WORDS = { 409: "This address has an account of its own.", 410: "This link or code is not good any more." };

export function start(main, { token = "" }) {
  show(main, "token", !token);
  onSend(
    main.querySelector("form"),
    async ({ token: typed = "" }) => {
      await ask("POST", "/me/email/confirm", { token: token || typed.trim() });
      await replace("profile", { news: "Your address is changed. Other devices are signed out." });
    },
    WORDS,
  );
}
