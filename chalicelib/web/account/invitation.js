// Accepting an invitation: the link brings the token, the person chooses a password.
import { advise } from "../shared/passwords.js";
import { startWithToken } from "./confirm.js";

const COMPLAINTS = { 410: "invitation.gone" };

export function start(main, known) {
  startWithToken(main, known, COMPLAINTS);
  advise(main.querySelector('[name="password"]'));
}
