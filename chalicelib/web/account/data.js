// A person's data: a copy of it, and its end.
import { fill, readable, say } from "../shared/dom.js";
import { save } from "../shared/files.js";
import { onPress, onSend } from "../shared/forms.js";
import { swap } from "./pages.js";
import { ask, forget } from "./session.js";

/** What the receipt calls the copies that expire by themselves. */
const COPIES = {
  idempotency_records: "Answers to repeated requests",
  uploads: "Files that were imported",
  reports: "Reports and exports",
  dead_letters: "Messages that failed",
  backups: "Backups",
};

export function start(main) {
  const place = main.querySelector('[data-place="export"]');
  onPress(place.querySelector("[data-press]"), place, async () => {
    const { body } = await ask("GET", "/me/export");
    saveAsJson(body, "my-account.json");
    say("Your data are downloaded.");
  });
  onSend(main.querySelector('[data-form="delete"]'), async () => {
    const { body: receipt } = await ask("DELETE", "/me");
    forget();
    sayGoodbye(main, receipt);
  });
}

function sayGoodbye(main, receipt) {
  swap("deleted", "Your account is deleted");
  for (const part of document.querySelectorAll("[data-signed-in]")) part.hidden = true;
  fill(main, { by: readable(receipt.erased_by) });
  main.querySelector("[data-list]").append(
    fact("Receipt", receipt.id),
    fact("Gone at once", receipt.gone_at_once.join(", ")),
    fact("Erased by then", receipt.erased_within_the_hour.join(", ")),
    ...Object.entries(receipt.expires_by).map(([copies, time]) => fact(COPIES[copies] ?? copies, `until ${readable(time)}`)),
  );
  main.querySelector("[data-press]").addEventListener("click", () => saveAsJson(receipt, "receipt.json"));
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
