// The language of the pages: the person's, from when it is known who that is until they sign out. A cookie tells it to
// the server, which writes the pages; it is all that this cookie says.
import { LOCALE } from "./words.js";

const YEAR_SECONDS = 31_536_000;

/** Have the pages in a person's language from now on; where they told none, in the browser's from the next one that is
 * loaded. */
export function speak(locale) {
  const before = present();
  if ((locale ?? "") === before) return;
  keep(locale ?? "");
  if (locale && !suits(locale)) location.reload();
}

/** Let the browser's language count again. */
export function forgetLanguage() {
  if (present()) keep("");
}

function present() {
  return /(?:^|; )__Host-locale=([^;]*)/.exec(document.cookie)?.[1] ?? "";
}

function keep(locale) {
  const age = locale ? YEAR_SECONDS : 0;
  document.cookie = `__Host-locale=${locale}; Path=/; Max-Age=${age}; SameSite=Lax; Secure`;
}

/** Whether the page is in that language, or in the most special form of it that there may be. */
function suits(locale) {
  return `${locale}-`.toLowerCase().startsWith(`${LOCALE}-`.toLowerCase());
}
