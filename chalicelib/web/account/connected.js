// Coming back from a provider, signed in: the cookie of the new session is all that there is of it, until it is used.
import { resumeUnmarked } from "../shared/session.js";
import { onward } from "./entering.js";
import { replace } from "./pages.js";

export async function start() {
  if (await resumeUnmarked()) await onward();
  else await replace("sign-in", { problem: "expired" });
}
