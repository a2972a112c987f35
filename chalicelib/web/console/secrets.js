// Secrets that an answer of the API holds once.
import { words } from "../shared/words.js";
import { asked } from "./dialogs.js";
import { codeBlock } from "./elements.js";

/** Show a secret until the reader closes it; afterwards nobody can see it again. `text` says what it is for. */
export function showSecret(title, text, secret) {
  return asked({ title, text, content: [codeBlock(secret, title)], action: words("console.secret-kept"), decide: false });
}
