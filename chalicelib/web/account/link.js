// Coming back from a provider, and not in yet: the account wants its second step, somebody new has to agree to the
// terms, or there is an account with that address, whose owner has to say so before the provider lets anybody into it.
import { ROOT, Refused, call } from "../shared/api.js";
import { Hindered } from "../shared/errors.js";
import { onPress, onSend } from "../shared/forms.js";
import { ask, isSignedIn, signIn } from "../shared/session.js";
import { STAGE } from "../shared/stage.js";
import { words } from "../shared/words.js";
import { problemOf } from "./connections.js";
import { askForFactor, onward } from "./entering.js";
import { presentErrand } from "./errands.js";
import { go, replace, swap } from "./pages.js";

const PENDING = "/sessions/connections/pending";
const COMPLAINTS = { 403: "linking.other" };
const FAILED = "connection-failed";

export async function start(main) {
  const pending = await present();
  if (pending.reason) return replace("sign-in", { problem: pending.reason });
  if (pending.need === "second_factor") {
    return askForFactor(main, pending.factors, async (proof) => {
      await toldWhy(() => signIn(`${PENDING}/confirm`, proof));
      await goOn(pending);
    });
  }
  if (pending.need === "terms") return askToAgree(main, pending);
  return isSignedIn() ? offer(main, pending) : explain(main, pending);
}

/** What the provider said, as the browser's cookie has it; a `reason` where that does not count any more. */
async function present() {
  try {
    return (await call("POST", PENDING, {})).body;
  } catch (error) {
    if (!(error instanceof Refused) || error.type !== FAILED) throw error;
    return { reason: error.problem.reason };
  }
}

function askToAgree(main, pending) {
  swap("agreeing", { name: pending.connection.name, label: pending.label });
  main.querySelector('[data-link="terms"]').href = STAGE.terms_url;
  onSend(main.querySelector("form"), async () => {
    await toldWhy(() => signIn(`${PENDING}/confirm`, { terms_version: STAGE.terms_version }));
    await goOn(pending);
  });
}

function explain(main, { connection, label, email }) {
  swap("known-address", { name: connection.name, email: email ?? label });
  main.querySelector('[data-press="sign-in"]').addEventListener("click", () =>
    go("sign-in", { email: email ?? "", then: { page: "link", known: {} } }),
  );
}

async function offer(main, pending) {
  const { body: person } = await ask("GET", "/me");
  const { name } = pending.connection;
  swap("linking", { name, label: pending.label, account: person.email });
  const place = main.querySelector('[data-place="answer"]');
  const link = async () => {
    await toldWhy(() => ask("POST", "/me/identities", {}));
    await goOn(pending, { page: "security", known: { news: words("linking.done", { name }) } });
  };
  onPress(place.querySelector('[data-press="link"]'), place, link, COMPLAINTS);
  place.querySelector('[data-press="skip"]').addEventListener("click", () => goOn(pending));
}

/** Go on to what somebody came for, where the sign-in was begun for another address, or else to a page of ours. */
function goOn({ return_to: address }, otherwise) {
  if (!address) return onward(presentErrand() ?? otherwise);
  location.assign(address.startsWith("/") ? new URL(address.slice(1), ROOT) : address);
  return null;
}

async function toldWhy(act) {
  try {
    return await act();
  } catch (error) {
    if (error.type !== FAILED) throw error;
    throw new Hindered(problemOf(error.problem.reason));
  }
}
