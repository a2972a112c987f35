// What is registered of an application.
import { words } from "../shared/words.js";
import { badge, card, copyable, el, facts, json, number, time } from "./elements.js";

const label = (name) => words(`applications.field-${name}`);

/** The tab. */
export function show(main, client) {
  main.append(card("", facts([
    [words("applications.client-id"), copyable(client.id)],
    [words("applications.type"), words(`applications.type-${client.type}`)],
    [label("redirect_uris"), lines(client.redirect_uris)],
    [label("scopes"), badges(client.scopes)],
    [label("roles"), badges(client.roles)],
    [label("first_party"), yes(client.first_party)],
    [label("uri"), client.uri && el("a", { href: client.uri, target: "_blank", rel: "noopener noreferrer" }, client.uri)],
    [label("logo_uri"), client.logo_uri],
    [label("post_logout_redirect_uris"), lines(client.post_logout_redirect_uris)],
    [label("backchannel_logout_uri"), client.backchannel_logout_uri],
    [label("audiences"), lines(client.audiences)],
    [label("grant_types"), lines(client.grant_types)],
    [label("method"), el("code", {}, client.token_endpoint_auth_method)],
    [label("access_token_seconds"), client.access_token_seconds ? number(client.access_token_seconds) : words("applications.as-the-stage")],
    [label("refresh_token_days"), client.refresh_token_days ? number(client.refresh_token_days) : words("applications.as-the-stage")],
    [label("require_par"), yes(client.require_par)],
    [words("applications.secret-made"), client.secret_made_at ? time(client.secret_made_at) : undefined],
    [words("applications.previous-until"), client.previous_valid_until ? time(client.previous_valid_until) : undefined],
    [words("console.created"), time(client.created_at)],
    [words("console.changed"), time(client.updated_at)],
    [words("console.version"), client.version],
  ]), client.jwks && el("div", { class: "stack" }, el("h2", {}, label("jwks")), json(client.jwks, label("jwks")))));
}

/** Yes or no, in words. */
function yes(value) {
  return words(value ? "console.yes" : "console.no");
}

function lines(values) {
  return values.length ? el("ul", { class: "changes" }, values.map((value) => el("li", {}, copyable(value)))) : null;
}

function badges(values) {
  return values.length ? el("span", { class: "badges" }, values.map((value) => badge(value, "quiet"))) : null;
}
