// Looks again and again, as long as somebody does.
import { Refused } from "../shared/api.js";
import { Cancelled } from "../shared/errors.js";

const LONGEST_SECONDS = 60;

/**
 * Call `look` now and every so many seconds until the page is left or `look` gives false. A window that nobody sees
 * waits; after a failure it waits longer each time. Resolves when it has been called once.
 */
export async function watch(visit, seconds, look) {
  let wait = seconds;
  const again = async () => {
    if (visit.signal.aborted) return;
    if (!document.hidden) {
      try {
        if ((await look()) === false) return;
        wait = seconds;
      } catch (error) {
        if (error instanceof Cancelled || (error instanceof Refused && error.status < 429)) return;
        wait = Math.min(wait * 2, LONGEST_SECONDS);
      }
    }
    if (!visit.signal.aborted) setTimeout(again, wait * 1000);
  };
  const goesOn = await look();
  if (goesOn !== false) setTimeout(again, wait * 1000);
}
