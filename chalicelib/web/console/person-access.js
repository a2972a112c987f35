// How a person signs in, where they are signed in, and who else they let in.
import { attempt } from "../shared/forms.js";
import { ask } from "../shared/session.js";
import { named } from "../shared/user-agents.js";
import { words } from "../shared/words.js";
import { asked } from "./dialogs.js";
import { badge, button, el, placed, time } from "./elements.js";
import { listing } from "./lists.js";
import { say } from "./pages.js";
import { READER } from "./reader.js";

/** The tab. */
export async function show(main, person, visit) {
  const sections = [factors(person), identities(person), sessions(person, visit), consents(person)];
  const places = sections.map(() => el("section", { class: "card stack" }));
  main.append(...places);
  await Promise.all(sections.map(async (draw, index) => {
    const again = () => draw(places[index], again);
    await again();
  }));
}

/** A card whose content is asked for, and is asked for anew after something was removed. */
async function filled(card, title, load, ...beside) {
  const body = placed("div", { class: "stack" });
  card.replaceChildren(el("div", { class: "heading" }, el("h2", {}, title), READER.isAdmin && el("div", { class: "small-actions" }, beside)), body);
  await attempt(body, async () => body.append(...(await load()).filter(Boolean)));
}

/** A button that asks, sends a request, says what happened and draws the card anew. */
function remover({ label, title, text, path, news, again, complaints }) {
  return button(label, async () => {
    const sent = await asked({ title, text, action: label, danger: true, send: () => ask("DELETE", path), complaints });
    if (!sent) return;
    await again();
    say(news);
  }, { class: "danger", "aria-label": title });
}

function none(text) {
  return el("p", { class: "soft" }, text);
}

function rows(items) {
  return el("ul", { class: "list" }, items);
}

function item(title, facts, action) {
  return el("li", {}, el("div", {}, el("strong", {}, title), el("p", { class: "small" }, facts)), READER.isAdmin && action);
}

function factors(person) {
  return (card, again) => filled(card, words("people.factors"), async () => {
    const { body } = await ask("GET", `${person.path}/factors`);
    const items = [];
    if (body.totp) {
      items.push(item(words("people.totp"), [words("people.made"), " ", time(body.totp.created_at)],
        remover({ label: words("common.remove"), title: words("people.remove-totp"), text: words("people.remove-factor-text"), path: `${person.path}/totp`, news: words("people.factor-removed"), again })));
    }
    for (const passkey of body.passkeys) {
      items.push(item(passkey.name || words("people.passkey"), [words("people.made"), " ", time(passkey.created_at), " · ", words("people.used"), " ", time(passkey.last_used_at)],
        remover({ label: words("common.remove"), title: words("people.remove-passkey", { name: passkey.name }), text: words("people.remove-factor-text"), path: `${person.path}/passkeys/${encodeURIComponent(passkey.id)}`, news: words("people.factor-removed"), again })));
    }
    if (body.recovery_codes) items.push(item(words("people.recovery-codes"), words("people.codes-left", { count: body.recovery_codes.left })));
    return [
      body.wanted === "required" && el("p", { class: "caution" }, words("people.factor-required")),
      items.length ? rows(items) : none(words("people.no-factors")),
      items.length > 1 && READER.isAdmin && el("p", { class: "actions small-actions" }, remover({ label: words("people.remove-factors"), title: words("people.remove-factors"), text: words("people.remove-factor-text"), path: `${person.path}/factors`, news: words("people.factor-removed"), again })),
    ];
  });
}

function identities(person) {
  return (card, again) => filled(card, words("people.identities"), async () => {
    const { body } = await ask("GET", `${person.path}/identities`);
    if (!body.items.length) return [none(words("people.no-identities"))];
    return [rows(body.items.map(({ id, connection, label, subject, linked_at }) =>
      item(label || connection, [el("code", {}, subject), " · ", words("people.linked"), " ", time(linked_at)],
        remover({ label: words("people.unlink"), title: words("people.unlink-named", { name: label || connection }), text: words("people.unlink-text"), path: `${person.path}/identities/${encodeURIComponent(id)}`, news: words("people.unlinked"), again }))))];
  });
}

function sessions(person, visit) {
  return (card, again) => filled(card, words("people.sessions"), async () => [await listing({
    visit,
    path: `${person.path}/sessions`,
    caption: words("people.sessions"),
    none: none(words("people.no-sessions")),
    columns: [
      { title: words("people.device"), cell: ({ agent, current }) => el("span", { title: agent }, named(agent), current && [" ", badge(words("people.this-one"), "good")]) },
      { title: words("people.used"), cell: ({ last_used_at }) => time(last_used_at) },
      { title: words("people.began"), cell: ({ created_at }) => time(created_at) },
      { title: words("people.ends"), cell: ({ expires_at }) => time(expires_at) },
      ...(READER.isAdmin ? [{ title: words("console.action"), kind: "narrow", cell: ({ id, agent }) => remover({ label: words("people.end-session"), title: words("people.end-session-named", { name: named(agent) }), text: words("people.end-session-text"), path: `${person.path}/sessions/${encodeURIComponent(id)}`, news: words("people.session-ended"), again }) }] : []),
    ],
  })], remover({ label: words("people.end-sessions"), title: words("people.end-sessions"), text: words("people.end-sessions-text"), path: `${person.path}/sessions`, news: words("people.sessions-ended"), again }));
}

function consents(person) {
  return (card, again) => filled(card, words("people.consents"), async () => {
    const { body } = await ask("GET", `${person.path}/consents`);
    if (!body.items.length) return [none(words("people.no-consents"))];
    return [rows(body.items.map(({ client_id, name, scopes, since }) =>
      item(name || client_id, [scopes.map((scope) => [badge(scope), " "]), words("people.allowed"), " ", time(since)].flat(2),
        remover({ label: words("people.withdraw"), title: words("people.withdraw-named", { name: name || client_id }), text: words("people.withdraw-text"), path: `${person.path}/consents/${encodeURIComponent(client_id)}`, news: words("people.withdrawn"), again }))))];
  });
}
