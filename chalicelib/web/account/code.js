// Signing in with a mailed code: typed with the address that it was sent to, or brought by the link.
import { call } from "../shared/api.js";
import { fill, show } from "../shared/dom.js";
import { onSend } from "../shared/forms.js";
import { orDepart } from "./connections.js";
import { enter } from "./entering.js";

const COMPLAINTS = { 401: "code.wrong" };

export function start(main, { token = "" }) {
  let asked = "";
  onSend(main.querySelector('[data-form="ask"]'), async ({ email }) => {
    await orDepart(email, () => call("POST", "/sessions/email", { email, browser: true }));
    asked = email;
    fill(main, { email });
    goOn(main, false);
  });
  onSend(
    main.querySelector('[data-form="enter"]'),
    ({ code }) =>
      enter(main, "/sessions/email/confirm", token ? { code: token } : { code: code.trim(), email: asked }),
    COMPLAINTS,
  );
  if (token) goOn(main, true);
}

function goOn(main, linked) {
  show(main, "ask", false);
  show(main, "enter");
  show(main, "sent", !linked);
  show(main, "linked", linked);
  show(main, "code", !linked);
  (linked ? main.querySelector("h1") : main.querySelector('[name="code"]')).focus();
}
