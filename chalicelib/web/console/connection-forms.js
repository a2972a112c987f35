// Adding a provider, and changing what is set of one. What a kind of provider needs is asked for, and no more.
import { ROOT } from "../shared/api.js";
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { asked } from "./dialogs.js";
import { copyable, el } from "./elements.js";
import { changes, objectFields, saying, those } from "./fields.js";

const KINDS = ["google", "microsoft", "apple", "github", "oidc", "oauth2"];
const OPTIONAL_SECRETS = ["client_secret", "private_key"];
const COMPLAINTS = { 409: "applications.connection-conflict", 412: "console.changed-meanwhile", 422: "applications.not-together" };

const label = (name) => words(`applications.field-${name}`);
const hint = (name) => words(`applications.hint-${name}`);
const of = (...kinds) => ({ kind }) => kinds.includes(kind);
const notApple = ({ kind }) => kind !== "apple";

function fields(isNew) {
  const only = (...kinds) => ({ only: of(...kinds) });
  const secret = { required: isNew, hint: isNew ? undefined : words("applications.secret-kept") };
  return [
    ...(isNew ? [
      { name: "kind", as: "choice", label: words("applications.provider"), options: KINDS.map((kind) => [kind, words(`applications.kind-${kind}`)]) },
      { name: "id", label: words("console.id"), required: true, pattern: "[a-z0-9\\-]{1,40}", title: words("applications.id-shape"), hint: hint("id") },
    ] : []),
    { name: "name", label: words("common.name"), required: true, hint: hint("connection-name") },
    ...(isNew ? [{ name: "issuer", type: "url", ...only("oidc"), required: true, label: label("issuer"), hint: hint("issuer") }] : []),
    { name: "client_id", label: words("applications.client-id"), required: true, hint: hint("client_id") },
    { name: "client_secret", type: "password", only: notApple, label: words("console.secret"), autocomplete: "new-password", ...secret },
    { name: "team_id", ...only("apple"), label: label("team_id") },
    { name: "key_id", ...only("apple"), label: label("key_id") },
    { name: "private_key", rows: 4, ...only("apple"), label: label("private_key"), ...secret },
    { name: "tenants", as: "lines", ...only("microsoft"), label: label("tenants"), hint: hint("tenants") },
    { name: "authorization_endpoint", type: "url", ...only("oauth2"), label: label("authorization_endpoint") },
    { name: "token_endpoint", type: "url", ...only("oauth2"), label: label("token_endpoint") },
    ...(isNew ? [{ name: "userinfo_endpoint", type: "url", ...only("oauth2"), label: label("userinfo_endpoint") }] : []),
    { name: "trusted_domains", as: "words", label: label("trusted_domains"), hint: hint("trusted_domains") },
    { name: "registration", as: "tick", label: label("registration") },
    { name: "domains", as: "words", rare: true, label: label("domains"), hint: hint("domains") },
    { name: "require_for_domains", as: "words", rare: true, label: label("require_for_domains"), hint: hint("require_for_domains") },
    { name: "assumes_verified", as: "tick", rare: true, label: label("assumes_verified"), hint: hint("assumes_verified") },
    { name: "scopes", as: "words", rare: true, label: label("scopes"), hint: hint("connection-scopes") },
    { name: "claims", as: "json", rare: true, label: label("claims"), hint: hint("claims") },
    { name: "vouches_for", as: "json", rare: true, label: label("vouches_for"), hint: hint("vouches_for") },
    { name: "return_urls", as: "lines", rare: true, label: label("return_urls"), hint: hint("return_urls") },
  ];
}

/** Ask for a provider, and make the connection. Gives it, or undefined. */
export function addConnection() {
  const { elements, read, opening } = objectFields(fields(true), { kind: KINDS[0], registration: true }, "connection");
  const redirect = el("p", { class: "small" });
  elements[1].append(redirect);
  elements[1].addEventListener("input", ({ target }) => {
    const uri = String(new URL(`sessions/connections/${encodeURIComponent(target.value)}/callback`, ROOT));
    redirect.replaceChildren(...(target.value ? [words("applications.redirect-uri"), " ", copyable(uri)] : []));
  });
  return asked({
    title: words("applications.add-connection"),
    text: words("applications.add-connection-text"),
    wide: true,
    fields: elements,
    action: words("applications.add-connection"),
    send: opening(async (values) => {
      const wanted = read(values);
      return (await ask("POST", "/connections", { ...saying(wanted), registration: wanted.registration })).body;
    }),
    complaints: COMPLAINTS,
  });
}

/** Ask what of a connection is to be another. Gives `{before, version}` for whoever wants to undo it; without `before`
 * where a secret was replaced, which nobody can bring back. */
export function editConnection(connection) {
  const { elements, read, opening } = objectFields(fields(false), connection, "connection");
  return asked({
    title: words("applications.edit-connection"),
    wide: true,
    fields: elements,
    action: words("common.save"),
    send: opening(async (values) => {
      const patch = changed(connection, read(values));
      if (!Object.keys(patch).length) return undefined;
      const { version } = await ask("PATCH", connection.path, patch, { version: connection.etag });
      const isFinal = OPTIONAL_SECRETS.some((name) => name in patch);
      return { before: isFinal ? undefined : those(patch, connection), version };
    }),
    complaints: COMPLAINTS,
  });
}

/** The merge patch of what is another. A secret that is left empty stays. */
function changed(connection, wanted) {
  const patch = changes(connection, wanted);
  for (const name of OPTIONAL_SECRETS) if (patch[name] === null) delete patch[name];
  return patch;
}
