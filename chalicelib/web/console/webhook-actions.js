// What can be done with an endpoint. What cannot be undone says so before.
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { asked } from "./dialogs.js";
import { button } from "./elements.js";
import { address, go, open, reopen } from "./pages.js";
import { startReplay } from "./replay.js";
import { showSecret } from "./secrets.js";
import { editWebhook } from "./webhook-forms.js";

const MEANWHILE = { 412: "console.changed-meanwhile" };

/** The buttons for an endpoint. */
export function actions(webhook) {
  return [
    webhook.enabled && button(words("webhooks.test"), () => test(webhook), { class: false }),
    button(words("console.edit"), () => edit(webhook)),
    webhook.enabled ? button(words("console.disable"), () => disable(webhook)) : button(words("console.enable"), () => enable(webhook)),
    webhook.enabled && button(words("webhooks.replay"), () => replayTo(webhook)),
    button(words("console.rotate"), () => rotate(webhook)),
    button(words("common.remove"), () => remove(webhook), { class: "danger" }),
  ].filter(Boolean);
}

async function test(webhook) {
  const sent = await asked({
    title: words("webhooks.test-title"),
    text: words("webhooks.test-text"),
    action: words("webhooks.test"),
    send: () => ask("POST", `${webhook.path}/test`, {}),
    complaints: { 409: "webhooks.is-off" },
  });
  if (sent) go(address("webhooks", { delivery: sent.body.id }, webhook.id));
}

async function edit(webhook) {
  const sent = await editWebhook(webhook);
  if (!sent) return;
  await reopen(words("console.saved"), sent.before && (() => put(webhook, sent.before, sent.version, words("console.saved"))));
}

/** Change it once more, back to what it was. */
async function put(webhook, patch, version, message) {
  await ask("PATCH", webhook.path, patch, { version });
  await reopen(message);
}

async function disable(webhook) {
  const sent = await asked({
    title: words("webhooks.disable-title"),
    text: words("webhooks.disable-text"),
    action: words("console.disable"),
    danger: true,
    send: () => ask("PATCH", webhook.path, { enabled: false }, { version: webhook.etag }),
    complaints: MEANWHILE,
  });
  if (sent) await reopen(words("webhooks.disabled"), () => put(webhook, { enabled: true }, sent.version, words("webhooks.enabled")));
}

async function enable(webhook) {
  const sent = await asked({
    title: words("webhooks.enable-title"),
    text: words("webhooks.enable-text"),
    action: words("console.enable"),
    send: () => ask("PATCH", webhook.path, { enabled: true }, { version: webhook.etag }),
    complaints: MEANWHILE,
  });
  if (sent) await reopen(words("webhooks.enabled"), () => put(webhook, { enabled: false }, sent.version, words("webhooks.disabled")));
}

async function rotate(webhook) {
  const sent = await asked({
    title: words("webhooks.rotate-title"),
    text: words("webhooks.rotate-text"),
    action: words("console.rotate"),
    send: () => ask("POST", `${webhook.path}/rotate-secret`, undefined, { version: webhook.etag }),
    complaints: MEANWHILE,
  });
  if (!sent) return;
  await showSecret(words("console.secret"), words("webhooks.rotated-text"), sent.body.secret);
  await open();
}

async function replayTo(webhook) {
  const job = await startReplay({ webhook: webhook.id });
  if (job) go(address("webhooks", { replay: job.id }, webhook.id));
}

async function remove(webhook) {
  const sent = await asked({
    title: words("webhooks.remove-title"),
    text: words("webhooks.remove-text"),
    action: words("common.remove"),
    danger: true,
    send: () => ask("DELETE", webhook.path, undefined, { version: webhook.etag }),
    complaints: MEANWHILE,
  });
  if (!sent) return;
  await go(address("webhooks"), words("webhooks.removed"));
}
