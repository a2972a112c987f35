// Accepting an invitation: the link brings the token, the person chooses a password.
import { startWithToken } from "./confirm.js";

const COMPLAINTS = { 410: "invitation.gone" };

export function start(main, known) {
  startWithToken(main, known, COMPLAINTS);
}
