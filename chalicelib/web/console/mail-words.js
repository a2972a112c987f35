// What became of a mail, as a badge.
import { hasWords, words } from "../shared/words.js";
import { badge } from "./elements.js";

const KINDS = { sent: "good", delivered: "good", bounced: "bad", complained: "bad", rejected: "bad", parked: "bad" };

/** The state of a mail (`mail.model`). */
export function mailState(state) {
  const key = `console.mail-${state}`;
  return badge(hasWords(key) ? words(key) : state, KINDS[state] ?? "quiet");
}
