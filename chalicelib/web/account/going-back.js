// The end of an errand: back to the application that sent somebody here, or a word on why not.
import { ROOT } from "../shared/api.js";
import { fill, show } from "../shared/dom.js";
import { hasWords, words } from "../shared/words.js";
import { endErrand } from "./errands.js";
import { swap } from "./pages.js";

const CODE = /^[a-z_-]{1,40}$/;

/** Go to the address that the API gave for the application, which took it from its registration. */
export function goBack(main, address) {
  endErrand();
  swap("going-back");
  // A program of this device may be asked for first, or open beside the page: which stays, and says how it goes on.
  main.querySelector("[data-link]").href = address;
  location.replace(new URL(address, ROOT));
}

/** Say why the application's request comes to nothing. Nobody is sent anywhere: the address may be a stranger's. */
export function refuse(main, problem) {
  endErrand();
  const key = `authorize.problem-${problem}`;
  swap("refused", { reason: words(hasWords(key) ? key : "authorize.problem-other") });
  // Anybody can make a link to this page: it does not repeat their sentences.
  show(main, "code", !hasWords(key) && CODE.test(problem));
  fill(main, { code: problem });
}
