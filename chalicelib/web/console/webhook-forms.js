// Adding and changing an endpoint.
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { asked } from "./dialogs.js";
import { typeChooser } from "./event-types.js";
import { showSecret } from "./secrets.js";

const COMPLAINTS = { 409: "webhooks.enough", 412: "console.changed-meanwhile" };

/** Ask for an endpoint, make it, and show its secret. Gives the webhook, or undefined. */
export async function addWebhook() {
  const made = await form({ title: words("webhooks.add"), action: words("webhooks.add"), text: words("webhooks.add-text") }, { url: "", description: null, types: [] }, async (wanted) => {
    const { body } = await ask("POST", "/webhooks", { url: wanted.url, types: wanted.types, ...(wanted.description && { description: wanted.description }) });
    return body;
  });
  if (made) await showSecret(words("console.secret"), words("webhooks.secret-text"), made.secret);
  return made;
}

/** Ask what of an endpoint is to be another. Gives `{before, version}` for whoever wants to undo it, or undefined. */
export async function editWebhook(webhook) {
  return form({ title: words("webhooks.edit"), action: words("common.save") }, webhook, async (wanted) => {
    const changed = Object.keys(wanted).filter((name) => JSON.stringify(wanted[name]) !== JSON.stringify(webhook[name]));
    const pick = (from) => Object.fromEntries(changed.map((name) => [name, from[name]]));
    if (!changed.length) return undefined;
    const { version } = await ask("PATCH", webhook.path, pick(wanted), { version: webhook.etag });
    return { before: pick(webhook), version };
  });
}

async function form({ title, text, action }, webhook, send) {
  const types = await typeChooser(webhook.types);
  return asked({
    title,
    text,
    wide: true,
    fields: [
      { name: "url", label: words("webhooks.url"), type: "url", value: webhook.url, required: true, hint: words("webhooks.url-hint") },
      { name: "description", label: words("webhooks.description"), value: webhook.description ?? "", hint: words("webhooks.description-hint") },
      types.element,
    ],
    action,
    send: ({ url, description }) => send({ url: url.trim(), description: description.trim() || null, types: types.value() }),
    complaints: COMPLAINTS,
  });
}
