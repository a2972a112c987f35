// A person's data: a copy of it, and its end.
import { fill, readable, say } from "../shared/dom.js";
import { save } from "../shared/files.js";
import { onPress, onSend } from "../shared/forms.js";
import { ask, forget } from "../shared/session.js";
import { hasWords, listed, words } from "../shared/words.js";
import { swap } from "./pages.js";

export function start(main) {
  const place = main.querySelector('[data-place="export"]');
  onPress(place.querySelector("[data-press]"), place, async () => {
    const { body } = await ask("GET", "/me/export");
    saveAsJson(body, "my-account.json");
    say(words("data.downloaded"));
  });
  onSend(main.querySelector('[data-form="delete"]'), async () => {
    const { body: receipt } = await ask("DELETE", "/me");
    forget();
    sayGoodbye(main, receipt);
  });
}

function sayGoodbye(main, receipt) {
  swap("deleted");
  for (const part of document.querySelectorAll("[data-signed-in]")) part.hidden = true;
  fill(main, { by: readable(receipt.erased_by) });
  main.querySelector("[data-list]").append(
    fact(words("deleted.receipt"), receipt.id),
    fact(words("deleted.at-once"), listed(receipt.gone_at_once.map(named))),
    fact(words("deleted.by-then"), listed(receipt.erased_within_the_hour.map(named))),
    ...Object.entries(receipt.expires_by).map(([copies, time]) =>
      fact(named(copies), words("deleted.until", { time: readable(time) })),
    ),
  );
  main.querySelector("[data-press]").addEventListener("click", () => saveAsJson(receipt, "receipt.json"));
}

/** What the page calls a part of the receipt. */
function named(part) {
  const key = `deleted.part-${part.replace(/[ _]/g, "-")}`;
  return hasWords(key) ? words(key) : part;
}

function fact(name, text) {
  const row = document.createElement("div");
  row.append(
    Object.assign(document.createElement("dt"), { textContent: name }),
    Object.assign(document.createElement("dd"), { textContent: text }),
  );
  return row;
}

function saveAsJson(document, name) {
  save(JSON.stringify(document, null, 2), name, "application/json");
}
