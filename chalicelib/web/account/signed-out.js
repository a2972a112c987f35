// The end of a session that an application asks for: whoever is signed in here says whether that is over as well.
import { ROOT } from "../shared/api.js";
import { show } from "../shared/dom.js";
import { onPress } from "../shared/forms.js";
import { isSignedIn, resumeUnmarked, signOut } from "../shared/session.js";
import { swap } from "./pages.js";

const KEPT = ["client_id", "post_logout_redirect_uri", "state"];

export async function start(main, { request }) {
  if (!isSignedIn() && !(request && (await resumeUnmarked()))) return sayThatItIsOver(main, request);
  swap("signing-out");
  const place = main.querySelector('[data-place="answer"]');
  onPress(place.querySelector('[data-press="out"]'), place, async () => {
    await signOut();
    if (request) goBack(request);
    else sayThatItIsOver(main);
  });
}

function sayThatItIsOver(main, request) {
  swap("session-over");
  show(main, "back", Boolean(request));
  main.querySelector('[data-press="back"]').addEventListener("click", () => goBack(request));
}

/** Have the API send the browser on, which knows the application's addresses: anybody can make a link to this page. */
function goBack(request) {
  const brought = new URLSearchParams(request);
  const address = new URL("oauth2/logout", ROOT);
  for (const name of KEPT) if (brought.has(name)) address.searchParams.set(name, brought.get(name));
  location.assign(address);
}
