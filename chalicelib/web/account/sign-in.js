// Signing in: password, passkey, or a mailed code.
import { onSend } from "../shared/forms.js";
import { enter, offerPasskey } from "./entering.js";

const WORDS = { 401: "The email address or the password is wrong." };

export function start(main, { email = "", then }) {
  const form = main.querySelector("form");
  form.elements.email.value = email;
  onSend(form, (values) => enter(main, "/sessions", values, then), WORDS);
  offerPasskey(main, then);
}
