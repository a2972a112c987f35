// Creating an account: whatever is known of the address, the answer is that a mail may come.
import { call } from "../shared/api.js";
import { fill, say, show } from "../shared/dom.js";
import { onPress, onSend } from "../shared/forms.js";
import { advise } from "../shared/passwords.js";
import { STAGE } from "../shared/stage.js";
import { LOCALE, words } from "../shared/words.js";
import { offerConnections, orDepart } from "./connections.js";
import { enter } from "./entering.js";
import { go, swap } from "./pages.js";

export async function start(main) {
  const { elements } = main.querySelector("form");
  advise(elements.password, { own: () => [elements.email.value, elements.name.value] });
  show(main, "terms", Boolean(STAGE.terms_version));
  main.querySelector('[data-link="terms"]').href = STAGE.terms_url;
  // Mails are in the language of the page that they registered on, until they say another.
  onSend(main.querySelector("form"), async ({ name, email, password, terms_version: agreed }) => {
    const body = {
      email,
      password,
      locale: LOCALE,
      ...(name.trim() && { name }),
      ...(agreed && { terms_version: STAGE.terms_version }),
    };
    const { status } = await orDepart(email, () => call("POST", "/users", body));
    // A stage that does not wait for confirmations has made the account by now.
    if (status === 201) await enter(main, "/sessions", { email, password });
    else tellOfMail(main, email);
  });
  await offerConnections(main, () => elements.email.value);
}

function tellOfMail(main, email) {
  swap("mailed");
  fill(main, { email });
  main.querySelector('[data-press="code"]').addEventListener("click", () => go("confirm"));
  const place = main.querySelector('[data-place="again"]');
  onPress(place.querySelector("[data-press]"), place, async () => {
    await call("POST", "/users/resend-confirmation", { email });
    say(words("mailed.sent-again"));
  });
}
