// Confirming a new address: the link that was mailed to it brings the token.
import { show } from "../shared/dom.js";
import { onSend } from "../shared/forms.js";
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { replace } from "./pages.js";

const COMPLAINTS = { 409: "email.taken", 410: "email.gone" };

export function start(main, { token = "" }) {
  show(main, "token", !token);
  onSend(
    main.querySelector("form"),
    async ({ token: typed = "" }) => {
      await ask("POST", "/me/email/confirm", { token: token || typed.trim() });
      await replace("profile", { news: words("email.changed") });
    },
    COMPLAINTS,
  );
}
