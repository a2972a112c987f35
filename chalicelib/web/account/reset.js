// A forgotten password: asking for the mail, and choosing a new one with what it brings.
import { call } from "../shared/api.js";
import { fill, show } from "../shared/dom.js";
import { onSend } from "../shared/forms.js";
import { replace, swap } from "./pages.js";
import { forget } from "./session.js";

const WORDS = { 410: "This link or code is not good any more. Please ask for a new mail." };

export function start(main, { token = "", byHand = false }) {
  onSend(main.querySelector('[data-form="ask"]'), async ({ email }) => {
    await call("POST", "/password-resets", { email });
    swap("mailed", "Look into your mailbox");
    fill(main, { email });
    show(main, "again", false);
    main.querySelector('[data-press="code"]').addEventListener("click", () => replace("reset", { byHand: true }));
  });
  onSend(
    main.querySelector('[data-form="choose"]'),
    async ({ token: typed = "", password }) => {
      await call("POST", "/password-resets/confirm", { token: token || typed.trim(), password });
      forget();
      await replace("sign-in", { news: "Your new password is set. Please sign in with it." });
    },
    WORDS,
  );
  main.querySelector('[data-press="code"]').addEventListener("click", () => choose(main, true));
  if (token || byHand) choose(main, byHand);
}

function choose(main, byHand) {
  show(main, "ask", false);
  show(main, "choose");
  show(main, "token", byHand);
  main.querySelector("h1").focus();
}
