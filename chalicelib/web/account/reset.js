// A forgotten password: asking for the mail, and choosing a new one with what it brings.
import { call } from "../shared/api.js";
import { fill, show } from "../shared/dom.js";
import { onSend } from "../shared/forms.js";
import { advise } from "../shared/passwords.js";
import { forget } from "../shared/session.js";
import { words } from "../shared/words.js";
import { orDepart } from "./connections.js";
import { replace, swap } from "./pages.js";

const COMPLAINTS = { 410: "reset.gone" };

export function start(main, { token = "", byHand = false }) {
  onSend(main.querySelector('[data-form="ask"]'), async ({ email }) => {
    await orDepart(email, () => call("POST", "/password-resets", { email }));
    swap("mailed");
    fill(main, { email });
    show(main, "again", false);
    main.querySelector('[data-press="code"]').addEventListener("click", () => replace("reset", { byHand: true }));
  });
  onSend(
    main.querySelector('[data-form="choose"]'),
    async ({ token: typed = "", password }) => {
      await call("POST", "/password-resets/confirm", { token: token || typed.trim(), password });
      forget();
      await replace("sign-in", { news: words("reset.done") });
    },
    COMPLAINTS,
  );
  main.querySelector('[data-press="code"]').addEventListener("click", () => choose(main, true));
  // Whose password it is, and what they have beside it, is known to the API alone.
  advise(main.querySelector('[name="password"]'), { hasFactor: () => undefined });
  if (token || byHand) choose(main, byHand);
}

function choose(main, byHand) {
  show(main, "ask", false);
  show(main, "choose");
  show(main, "token", byHand);
  main.querySelector("h1").focus();
}
