// Accepting an invitation: the link brings the token, the person chooses a password.
import { startWithToken } from "./confirm.js";

const WORDS = { 410: "This invitation was used already, or is not good any more. Please ask for another one." };

export function start(main, known) {
  startWithToken(main, known, WORDS);
}
