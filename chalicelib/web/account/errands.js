// What brought somebody here and goes on after they have signed in: another application's request, or a device's code.
// It is kept for this tab alone: for who signs in at a provider elsewhere, and for who looks for a code in their mail
// on a phone that loads the page anew meanwhile.

const NAME = "rollcall.errand";
const GOOD_MILLISECONDS = 600_000;

/** Take note of the page that somebody is to come back to, and of what it should know. */
export function keepErrand(page, known) {
  sessionStorage.setItem(NAME, JSON.stringify({ page, known, until: Date.now() + GOOD_MILLISECONDS }));
}

/** The page to come back to, `{page, known}`, of the last ten minutes; null where there is none. */
export function presentErrand() {
  const errand = JSON.parse(sessionStorage.getItem(NAME));
  return errand && errand.until > Date.now() ? errand : null;
}

/** Take note that it is done. */
export function endErrand() {
  sessionStorage.removeItem(NAME);
}
