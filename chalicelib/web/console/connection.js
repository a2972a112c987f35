// One provider that people may come from.
import { Cancelled } from "../shared/errors.js";
import { onPress } from "../shared/forms.js";
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { editConnection } from "./connection-forms.js";
import { stateBadge } from "./connections.js";
import { asked } from "./dialogs.js";
import { badge, button, card, copyable, el, facts, json, number, placed, time } from "./elements.js";
import { address, go, heading, reopen } from "./pages.js";

const COMPLAINTS = { 412: "console.changed-meanwhile", 422: "applications.not-together" };
const label = (name) => words(`applications.field-${name}`);

/** The page. */
export async function show(main, visit) {
  const path = `/connections/${encodeURIComponent(visit.id)}`;
  const { body, version } = await ask("GET", path);
  const connection = { ...body, path, etag: version };
  const result = placed("section", { class: "card stack", "aria-live": "polite", hidden: true });
  const test = button(words("applications.test"), () => {}, { class: false });
  onPress(test, result, async () => {
    const problem = result.querySelector("[data-problem]");
    result.hidden = true;
    const { body: found } = await ask("POST", `${path}/test`).catch((error) => {
      result.replaceChildren(problem);
      result.hidden = error instanceof Cancelled;
      throw error;
    });
    result.replaceChildren(problem, ...outcome(found));
    result.hidden = false;
  });
  main.append(
    heading(connection.name, test, ...actions(connection)),
    el("p", { class: "badges" }, stateBadge(connection.enabled), el("span", { class: "soft" }, words(`applications.kind-${connection.kind}`))),
    result,
    card("", details(connection)),
    card(label("claims"), json(connection.claims, label("claims"))),
  );
}

function outcome({ ok, problem, ...found }) {
  return [
    el("h2", {}, words("applications.test-result")),
    el("p", {}, ok ? badge(words("applications.test-good"), "good") : badge(words("applications.test-bad"), "bad"), problem && [" ", problem]),
    ok && facts([
      [label("issuer"), found.issuer],
      [label("authorization_endpoint"), found.authorization_endpoint],
      [label("token_endpoint"), found.token_endpoint],
      [label("userinfo_endpoint"), found.userinfo_endpoint],
      [words("applications.keys"), number(found.keys)],
      [words("applications.names-itself"), words(found.names_itself ? "console.yes" : "console.no")],
    ]),
  ].filter(Boolean);
}

function details(connection) {
  const list = (values) => (values.length ? el("span", { class: "badges" }, values.map((value) => badge(value, "quiet"))) : null);
  const yes = (value) => words(value ? "console.yes" : "console.no");
  return facts([
    [words("console.id"), copyable(connection.id)],
    [words("applications.redirect-uri"), copyable(connection.redirect_uri)],
    [label("issuer"), connection.issuer],
    [words("applications.client-id"), copyable(connection.client_id)],
    [label("team_id"), connection.team_id ?? undefined],
    [label("key_id"), connection.key_id ?? undefined],
    [label("tenants"), connection.kind === "microsoft" ? list(connection.tenants) : undefined],
    [label("authorization_endpoint"), connection.authorization_endpoint ?? undefined],
    [label("token_endpoint"), connection.token_endpoint ?? undefined],
    [label("userinfo_endpoint"), connection.userinfo_endpoint ?? undefined],
    [label("scopes"), list(connection.scopes)],
    [label("trusted_domains"), list(connection.trusted_domains)],
    [label("domains"), list(connection.domains)],
    [label("require_for_domains"), list(connection.require_for_domains)],
    [label("assumes_verified"), yes(connection.assumes_verified)],
    [label("registration"), yes(connection.registration)],
    [label("vouches_for"), list(Object.entries(connection.vouches_for).flatMap(([name, values]) => values.map((value) => `${name}: ${value}`)))],
    [label("return_urls"), list(connection.return_urls)],
    [words("console.created"), time(connection.created_at)],
    [words("console.changed"), time(connection.updated_at)],
    [words("console.version"), connection.version],
  ]);
}

function actions(connection) {
  return [
    button(words("console.edit"), () => edit(connection)),
    connection.enabled ? button(words("console.disable"), () => set(connection, false)) : button(words("console.enable"), () => set(connection, true)),
    button(words("common.remove"), () => remove(connection), { class: "danger" }),
  ];
}

/** Change it once more, back to what it was. */
async function put(connection, patch, version, message) {
  await ask("PATCH", connection.path, patch, { version });
  await reopen(message);
}

async function edit(connection) {
  const sent = await editConnection(connection);
  if (sent) await reopen(words("console.saved"), sent.before && (() => put(connection, sent.before, sent.version, words("console.saved"))));
}

async function set(connection, enabled) {
  const news = (on) => words(on ? "applications.enabled" : "applications.disabled", { name: connection.name });
  const sent = await asked({
    title: words(enabled ? "applications.enable-title" : "applications.disable-title", { name: connection.name }),
    text: words(enabled ? "applications.enable-text" : "applications.disable-text"),
    action: words(enabled ? "console.enable" : "console.disable"),
    danger: !enabled,
    send: () => ask("PATCH", connection.path, { enabled }, { version: connection.etag }),
    complaints: COMPLAINTS,
  });
  if (sent) await reopen(news(enabled), () => put(connection, { enabled: !enabled }, sent.version, news(!enabled)));
}

async function remove(connection) {
  const sent = await asked({
    title: words("applications.remove-title", { name: connection.name }),
    text: words("applications.remove-connection-text"),
    action: words("common.remove"),
    danger: true,
    send: () => ask("DELETE", connection.path, undefined, { version: connection.etag }),
    complaints: COMPLAINTS,
  });
  if (!sent) return;
  await go(address("applications", { tab: "connections" }), words("applications.removed", { name: connection.name }));
}
