// Signing in: password, passkey, or a mailed code.
import { onSend } from "../shared/forms.js";
import { enter, offerPasskey, offerPasskeysToFill } from "./entering.js";

const COMPLAINTS = { 401: "sign-in.wrong" };

export function start(main, { email = "", then }) {
  const form = main.querySelector("form");
  form.elements.email.value = email;
  onSend(form, (values) => enter(main, "/sessions", values, then), COMPLAINTS);
  offerPasskey(main, then);
  offerPasskeysToFill(main, then);
}
