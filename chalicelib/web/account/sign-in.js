// Signing in: password, passkey, a mailed code, or an account elsewhere.
import { complain, onSend } from "../shared/forms.js";
import { offerConnections, problemOf } from "./connections.js";
import { enter, offerPasskey, offerPasskeysToFill } from "./entering.js";

const COMPLAINTS = { 401: "sign-in.wrong" };

export async function start(main, { email = "", problem, then }) {
  const form = main.querySelector("form");
  form.elements.email.value = email;
  onSend(form, (values) => enter(main, "/sessions", values, then), COMPLAINTS);
  offerPasskey(main, then);
  offerPasskeysToFill(main, then);
  if (problem) complain(form, problemOf(problem));
  await offerConnections(main, () => form.elements.email.value, then);
}
