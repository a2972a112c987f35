// Where the console begins.
import { ROOT } from "../shared/api.js";
import { forget, isSignedIn, onBegin, onEnd, onSignInAgain, resume, signOut } from "../shared/session.js";
import { open, over, signInAt } from "./pages.js";
import { READER, recognise } from "./reader.js";

// Its address is relative, and would change its meaning with the page's own.
const icon = document.querySelector("link[rel=icon]");
icon.href = String(icon.href);

async function begin() {
  onSignInAgain(() => location.assign(signInAt()));
  onEnd(over);
  onBegin(enter);
  document.getElementById("sign-out").addEventListener("click", async () => {
    await signOut().catch(forget);
    location.assign(new URL("account/sign-in", ROOT));
  });
  await enter();
}

async function enter() {
  try {
    if (!isSignedIn() && !(await resume())) return location.replace(signInAt());
    await recognise();
  } catch (error) {
    return open(error);
  }
  const own = document.getElementById("reader");
  own.textContent = READER.email;
  own.href = new URL("account", ROOT);
  return open();
}

begin();
