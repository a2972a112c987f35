// What can be done with an application. What cannot be undone says so before.
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { editClient } from "./client-forms.js";
import { asked } from "./dialogs.js";
import { button } from "./elements.js";
import { address, go, open, reopen } from "./pages.js";
import { showSecret } from "./secrets.js";

const HOUR = 3600;
const GRACES = [0, HOUR, 24 * HOUR];
const COMPLAINTS = { 412: "console.changed-meanwhile" };

/** The buttons for an application. */
export function actions(client) {
  return [
    button(words("console.edit"), () => edit(client)),
    client.secret_made_at && button(words("console.rotate"), () => rotate(client)),
    button(words("common.remove"), () => remove(client), { class: "danger" }),
  ].filter(Boolean);
}

async function edit(client) {
  const sent = await editClient(client);
  if (!sent) return;
  await saved(sent.before && (async () => {
    await ask("PATCH", client.path, sent.before, { version: sent.version });
    await saved();
  }));
}

function saved(undo) {
  return reopen(words("console.saved"), undo);
}

async function rotate(client) {
  const sent = await asked({
    title: words("applications.rotate-title", { name: client.name }),
    text: words("applications.rotate-text"),
    fields: [{ name: "grace", label: words("applications.grace"), options: GRACES.map((seconds) => [String(seconds), words(`applications.grace-${seconds / HOUR}`)]), value: String(24 * HOUR) }],
    action: words("console.rotate"),
    send: ({ grace }) => ask("POST", `${client.path}/rotate`, { grace_seconds: Number(grace) }, { version: client.etag }),
    complaints: COMPLAINTS,
  });
  if (!sent) return;
  await showSecret(words("console.secret"), words("applications.secret-text"), sent.body.secret);
  await open();
}

async function remove(client) {
  const sent = await asked({
    title: words("applications.remove-title", { name: client.name }),
    text: words("applications.remove-client-text"),
    action: words("common.remove"),
    danger: true,
    send: () => ask("DELETE", client.path, undefined, { version: client.etag }),
    complaints: COMPLAINTS,
  });
  if (!sent) return;
  await go(address("applications"), words("applications.removed", { name: client.name }));
}
