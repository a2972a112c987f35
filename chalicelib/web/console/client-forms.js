// Registering an application, and changing one.
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { asked } from "./dialogs.js";
import { changes, objectFields, saying, those } from "./fields.js";
import { showSecret } from "./secrets.js";

const TYPES = ["confidential", "public", "machine"];
const METHODS = ["client_secret_basic", "client_secret_post", "private_key_jwt"];
const DEVICE = "urn:ietf:params:oauth:grant-type:device_code";
const COMPLAINTS = { 422: "applications.not-together", 412: "console.changed-meanwhile" };

const label = (name) => words(`applications.field-${name}`);
const hint = (name) => words(`applications.hint-${name}`);
const forPeople = ({ type }) => type !== "machine";
const isConfidential = ({ type }) => type === "confidential";
const hasSecret = ({ type }) => type !== "public";
const hasKeys = (shown) => hasSecret(shown) && shown.token_endpoint_auth_method === "private_key_jwt";

function fields(isNew) {
  const type = { name: "type", as: "choice", label: label("type"), options: TYPES.map((each) => [each, words(`applications.type-${each}`)]), hint: hint("type") };
  const method = { name: "token_endpoint_auth_method", as: "choice", rare: true, only: hasSecret, label: label("method"), options: METHODS.map((each) => [each, each]), hint: hint("method") };
  return [
    ...(isNew ? [type] : []),
    { name: "name", label: words("common.name"), required: true },
    { name: "redirect_uris", as: "lines", only: forPeople, label: label("redirect_uris"), hint: hint("redirect_uris") },
    { name: "scopes", as: "words", label: label("scopes"), hint: hint("scopes") },
    { name: "roles", as: "words", only: hasSecret, label: label("roles"), hint: hint("roles") },
    { name: "first_party", as: "tick", only: forPeople, label: label("first_party"), hint: hint("first_party") },
    { name: "uri", type: "url", only: forPeople, rare: true, label: label("uri"), hint: hint("uri") },
    { name: "logo_uri", type: "url", only: forPeople, rare: true, label: label("logo_uri") },
    { name: "post_logout_redirect_uris", as: "lines", only: forPeople, rare: true, label: label("post_logout_redirect_uris"), hint: hint("post_logout_redirect_uris") },
    { name: "backchannel_logout_uri", type: "url", only: forPeople, rare: true, label: label("backchannel_logout_uri"), hint: hint("backchannel_logout_uri") },
    { name: "audiences", as: "lines", rare: true, label: label("audiences"), hint: hint("audiences") },
    { name: "access_token_seconds", as: "number", rare: true, label: label("access_token_seconds"), min: 60, max: 3600, hint: hint("access_token_seconds") },
    { name: "refresh_token_days", as: "number", only: forPeople, rare: true, label: label("refresh_token_days"), min: 1, max: 365, hint: hint("refresh_token_days") },
    { name: "grant_types", as: "lines", only: isConfidential, rare: true, label: label("grant_types"), hint: words("applications.hint-grant_types", { device: DEVICE }) },
    { name: "require_par", as: "tick", only: forPeople, rare: true, label: label("require_par") },
    ...(isNew ? [method] : []),
    { name: "jwks", as: "json", only: hasKeys, rare: true, label: label("jwks"), hint: hint("jwks") },
  ];
}

/** Ask for an application, register it, and show its secret where it has one. Gives the client, or undefined. */
export async function addClient() {
  const present = { type: TYPES[0], scopes: ["openid", "profile", "email"], token_endpoint_auth_method: METHODS[0] };
  const { elements, read, opening } = objectFields(fields(true), present, "client");
  const made = await asked({
    title: words("applications.add-client"),
    wide: true,
    fields: elements,
    action: words("applications.add-client"),
    send: opening(async (values) => (await ask("POST", "/clients", registered(read(values)))).body),
    complaints: COMPLAINTS,
  });
  if (made?.secret) await showSecret(words("console.secret"), words("applications.secret-text"), made.secret);
  return made;
}

/** What to register: a machine acts for itself, so the scopes that are about people are none of its. */
function registered(wanted) {
  const ofPeople = new Set(["openid", "profile", "email", "offline_access", "roles"]);
  const scopes = wanted.type === "machine" ? wanted.scopes.filter((scope) => !ofPeople.has(scope)) : wanted.scopes;
  return { ...saying(wanted), scopes };
}

/** Ask what of an application is to be another. Gives `{before, version}` for whoever wants to undo it, or undefined. */
export function editClient(client) {
  const { elements, read, opening } = objectFields(fields(false), client, "client");
  return asked({
    title: words("applications.edit-client"),
    wide: true,
    fields: elements,
    action: words("common.save"),
    send: opening(async (values) => {
      const patch = changes(client, read(values));
      if (!Object.keys(patch).length) return undefined;
      const { version } = await ask("PATCH", client.path, patch, { version: client.etag });
      return { before: those(patch, client), version };
    }),
    complaints: COMPLAINTS,
  });
}
