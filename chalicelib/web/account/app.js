// Where the pages of one's own account begin.
import { forget, onBegin, onEnd, onSignInAgain, resume, signOut } from "../shared/session.js";
import { words } from "../shared/words.js";
import { endErrand, presentErrand } from "./errands.js";
import { go, link, open, replace, signInAgain, takeArrival } from "./pages.js";

const arrival = takeArrival();

// Its address is relative, and would change its meaning with the page's own.
const icon = document.querySelector("link[rel=icon]");
icon.href = String(icon.href);

async function begin() {
  link(document);
  onSignInAgain(signInAgain);
  onEnd(() => replace("sign-in", { news: words("sign-in.ended") }));
  // A mailed link opens a tab of its own: what brought somebody here waits in this one.
  onBegin(async () => {
    if (!presentErrand() || !(await resume().catch(() => false))) return;
    const { onward } = await import("./entering.js");
    await onward();
  });
  document.getElementById("sign-out").addEventListener("click", async () => {
    await signOut().catch(forget);
    endErrand();
    go("sign-in", { news: words("sign-in.signed-out") });
  });
  await resume().catch(() => false);
  await open(arrival);
}

begin();
