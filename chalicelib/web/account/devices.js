// Devices: where a person is signed in.
import { copyOf, fill, readable, say, show } from "../shared/dom.js";
import { onPress } from "../shared/forms.js";
import { ask, forget } from "../shared/session.js";
import { named } from "../shared/user-agents.js";
import { words } from "../shared/words.js";
import { replace } from "./pages.js";

export async function start(main) {
  const place = main.querySelector('[data-place="list"]');
  const more = main.querySelector('[data-press="more"]');
  let next = null;
  const append = async () => {
    next = await add(place, next);
    more.hidden = !next;
  };
  onPress(more, place, append);
  onPress(main.querySelector('[data-press="everywhere"]'), place, async () => {
    await ask("DELETE", "/sessions");
    forget();
    await replace("sign-in", { news: words("devices.done") });
  });
  await append();
}

/** Add a page of the list, and say where the next one begins. */
async function add(place, cursor) {
  const { body } = await ask("GET", cursor ? `/sessions?cursor=${encodeURIComponent(cursor)}` : "/sessions");
  place.querySelector("[data-list]").append(...body.items.map((session) => row(place, session)));
  return body.next;
}

function row(place, session) {
  const made = copyOf("session").firstElementChild;
  const name = named(session.agent);
  fill(made, { name, used: readable(session.last_used_at), since: readable(session.created_at) });
  show(made, "current", session.current);
  const out = made.querySelector("[data-press]");
  out.ariaLabel = words("session.sign-out", { name });
  out.hidden = session.current;
  onPress(out, place, async () => {
    await ask("DELETE", `/sessions/${encodeURIComponent(session.id)}`);
    made.remove();
    say(words("session.signed-out", { name }));
    place.closest("section").querySelector("h1").focus();
  });
  return made;
}
