// Another application lets its people sign in here: whoever is signed in says what it gets, and goes back to it.
import { show } from "../shared/dom.js";
import { Cancelled } from "../shared/errors.js";
import { complain, onPress } from "../shared/forms.js";
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { askForConsent } from "./consent.js";
import { goBack, refuse } from "./going-back.js";
import { signInAgain, swap } from "./pages.js";

const PATH = "/oauth2/consent";
const OVER = { "request-expired": "request_expired", "request-refused": "client_unknown" };

export async function start(main, { request, problem }) {
  if (problem || !request) return refuse(main, problem ?? "nothing");
  const send = async (answer) => (await ask("POST", PATH, { request, ...answer })).body;
  const decide = (allow) => endingWell(main, async () => goBack(main, (await send({ allow })).redirect));
  const begin = () =>
    endingWell(main, async () => {
      const { redirect, consent } = await send({});
      return redirect ? goBack(main, redirect) : askForConsent(main, consent, decide);
    });
  try {
    await begin();
  } catch (error) {
    const reason = error instanceof Cancelled ? "cancelled" : error.type;
    if (!["cancelled", "another-person", "step-up-required"].includes(reason)) throw error;
    pause(main, reason, error.problem?.acr_values ?? [], begin, () => decide(false));
  }
}

/** Do something with the request, whose time may be over, or whose application may be gone. */
async function endingWell(main, act) {
  try {
    return await act();
  } catch (error) {
    if (!Object.hasOwn(OVER, error.type)) throw error;
    return refuse(main, OVER[error.type]);
  }
}

/** Who did not prove again who they are, or cannot, or is not whom the application expects, says how it goes on. */
function pause(main, reason, levels, again, deny) {
  swap("paused");
  const place = main.querySelector('[data-place="answer"]');
  show(main, "cancelled", reason === "cancelled");
  show(main, "unproved", reason === "step-up-required");
  if (reason === "another-person") complain(place, words("paused.another-person"));
  if (reason === "step-up-required") complain(place, words(lacking(levels)));
  onPress(place.querySelector('[data-press="again"]'), place, again);
  onPress(place.querySelector('[data-press="deny"]'), place, deny);
  place.querySelector('[data-press="other"]').addEventListener("click", signInAgain);
}

/** What somebody has to have first, for one of the levels of authentication that would do. */
function lacking(levels) {
  return levels.length && levels.every((level) => level === "phr") ? "paused.passkey" : "problem.second-factor";
}
