// A person's data: a copy of it, and its end.
import { call } from "../shared/api.js";
import { fill, say, show } from "../shared/dom.js";
import { onPress, onSend } from "../shared/forms.js";
import { swap } from "./pages.js";
import { ask, forget } from "./session.js";

export function start(main) {
  const place = main.querySelector('[data-place="export"]');
  onPress(place.querySelector("[data-press]"), place, async () => {
    const { body } = await ask("GET", "/me/export");
    save(new Blob([JSON.stringify(body, null, 2)], { type: "application/json" }), "my-account.json");
    say("Your data are downloaded.");
  });
  onSend(main.querySelector('[data-form="delete"]'), async () => {
    const { body } = await ask("DELETE", "/me");
    forget();
    swap("deleted", "Your account is deleted");
    fill(main, { said: body?.detail ?? "Everything about you will be erased within the hour." });
    show(main, "receipt", Boolean(body));
  });
}

/** Let the browser save a file that is nowhere but in its memory. */
function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
