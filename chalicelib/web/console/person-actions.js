// What can be done for a person. What cannot be undone says so before.
import { Hindered } from "../shared/errors.js";
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { asked } from "./dialogs.js";
import { button } from "./elements.js";
import { split } from "./inviting.js";
import { address, go, reopen, say } from "./pages.js";
import { nameOf } from "./people-words.js";
import { READER } from "./reader.js";
import { rolesOf } from "./roles.js";

/** The buttons for a person. Whoever is no administrator may send them a link for a new password, as anybody may. */
export function actions(person) {
  const reset = button(words("people.send-reset"), () => sendReset(person));
  if (!READER.isAdmin) return person.email ? [reset] : [];
  const disabled = person.status === "disabled";
  return [
    disabled ? button(words("people.enable"), () => enable(person)) : button(words("people.disable"), () => disable(person)),
    button(words("people.change-roles"), () => changeRoles(person)),
    person.email && person.email_verified && !disabled && reset,
    person.email && !person.email_verified && !disabled && button(words("people.invite-again"), () => inviteAgain(person)),
    button(words("people.delete"), () => remove(person), { class: "danger" }),
  ].filter(Boolean);
}

function disable(person) {
  return asked({
    title: words("people.disable-title", { name: nameOf(person) }),
    text: words("people.disable-text"),
    action: words("people.disable"),
    danger: true,
    send: () => ask("POST", `${person.path}/disable`),
  }).then((sent) => sent && reopen(words("people.disabled", { name: nameOf(person) }), () => enableNow(person)));
}

function enable(person) {
  return asked({
    title: words("people.enable-title", { name: nameOf(person) }),
    text: words("people.enable-text"),
    action: words("people.enable"),
    send: () => ask("POST", `${person.path}/enable`),
  }).then((sent) => sent && reopen(words("people.enabled", { name: nameOf(person) })));
}

async function enableNow(person) {
  await ask("POST", `${person.path}/enable`);
  await reopen(words("people.enabled", { name: nameOf(person) }));
}

async function changeRoles(person) {
  let before;
  const sent = await asked({
    title: words("people.roles-title", { name: nameOf(person) }),
    text: words("people.roles-text"),
    fields: [{ name: "roles", label: words("people.roles"), value: person.roles.join(" "), hint: words("people.roles-hint") }],
    action: words("common.save"),
    send: async ({ roles }) => {
      before = await rolesOf(person.id, () => split(roles));
    },
  });
  if (!sent) return;
  await reopen(words("people.roles-changed"), async () => {
    await rolesOf(person.id, () => before);
    await reopen(words("people.roles-changed"));
  });
}

function sendReset(person) {
  return asked({
    title: words("people.send-reset"),
    text: words("people.send-reset-text", { email: person.email }),
    action: words("people.send-reset"),
    send: () => READER.isAdmin ? ask("POST", `${person.path}/password-reset`) : ask("POST", "/password-resets", { email: person.email }),
    complaints: { 409: "people.reset-impossible" },
  }).then((sent) => sent && say(words("people.reset-sent")));
}

function inviteAgain(person) {
  return asked({
    title: words("people.invite-again"),
    text: words("people.invite-again-text", { email: person.email }),
    action: words("people.invite-again"),
    send: () => ask("POST", `${person.path}/invitation`),
    complaints: { 409: "people.not-invited" },
  }).then((sent) => sent && say(words("people.invited", { email: person.email })));
}

/** Remove a person for good. Their receipt, and how far the erasure is, stay on the screen. */
async function remove(person) {
  const receipt = await asked({
    title: words("people.delete-title", { name: nameOf(person) }),
    text: words("people.delete-text"),
    fields: [{ name: "typed", label: words("people.delete-type", { text: person.email ?? person.id }), required: true }],
    action: words("people.delete"),
    danger: true,
    send: async ({ typed }) => {
      if (typed.trim() !== (person.email ?? person.id)) throw new Hindered(words("people.delete-mistyped"));
      return (await ask("DELETE", person.path, undefined, { version: person.etag })).body;
    },
    complaints: { 412: "people.changed-meanwhile" },
  });
  if (receipt) go(address("people", { erasure: receipt.id }));
}
