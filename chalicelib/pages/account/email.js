// Confirming a new address: the link that was mailed to it brings the token.
import { call } from "../shared/api.js";
import { show } from "../shared/dom.js";
import { onSend } from "../shared/forms.js";
import { replace } from "./pages.js";

const WORDS = { 409: "This address has an account of its own.", 410: "This link or code is not good any more." };

export function start(main, { token = "" }) {
  show(main, "token", !token);
  onSend(
    main.querySelector("form"),
    async ({ token: typed = "" }) => {
      await call("POST", "/me/email/confirm", { token: token || typed.trim() });
      await replace("sign-in", { news: "Your address is changed. Sign in with the new one." });
    },
    WORDS,
  );
}
