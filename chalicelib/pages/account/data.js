// A person's data: a copy of it, and its end.
import { fill, say, show } from "../shared/dom.js";
import { save } from "../shared/files.js";
import { onPress, onSend } from "../shared/forms.js";
import { swap } from "./pages.js";
import { ask, forget } from "./session.js";

export function start(main) {
  const place = main.querySelector('[data-place="export"]');
  onPress(place.querySelector("[data-press]"), place, async () => {
    const { body } = await ask("GET", "/me/export");
    save(JSON.stringify(body, null, 2), "my-account.json", "application/json");
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
