// A page with "Sign in", by Express and openid-client: docs/recipes.md says how to start it.
import express from "express";
import session from "express-session";
import * as oidc from "openid-client";

const { ISSUER, CLIENT_ID, CLIENT_SECRET, BASE_URL, SESSION_SECRET, PORT } = process.env;

// A stage on this machine has no certificate; for any other, leave the last argument out.
const local = ISSUER.startsWith("http://localhost") || ISSUER.startsWith("http://127.0.0.1");
const options = local ? { execute: [oidc.allowInsecureRequests] } : {};
const config = await oidc.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET, undefined, options);

const app = express();
app.use(session({ secret: SESSION_SECRET, resave: false, saveUninitialized: false }));

app.get("/", (request, response) => {
  const { person } = request.session;
  if (!person) return response.send('<a href="/sign-in">Sign in</a>');
  response.send(`Hello ${escaped(person.label)}. <a href="/sign-out">Sign out</a>`);
});

app.get("/sign-in", async (request, response) => {
  const verifier = oidc.randomPKCECodeVerifier();
  const asked = { verifier, state: oidc.randomState(), nonce: oidc.randomNonce() };
  request.session.asked = asked;
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: `${BASE_URL}/callback`,
    scope: "openid profile email",
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state: asked.state,
    nonce: asked.nonce,
  });
  response.redirect(url.href);
});

app.get("/callback", async (request, response) => {
  const { asked } = request.session;
  if (!asked) return response.redirect("/");
  let tokens;
  try {
    tokens = await oidc.authorizationCodeGrant(config, new URL(request.originalUrl, BASE_URL), {
      pkceCodeVerifier: asked.verifier,
      expectedState: asked.state,
      expectedNonce: asked.nonce,
    });
  } catch (error) {
    if (!(error instanceof oidc.AuthorizationResponseError)) throw error;
    return response.status(403).send(`Not signed in: ${escaped(error.error_description ?? error.error)}`);
  }
  // `sub` is who it is, for good. An address changes, and not everybody has one.
  const { sub, email, name } = tokens.claims();
  // A new session: whoever planted the old one must not share it.
  request.session.regenerate(() => {
    request.session.person = { sub, label: email ?? name ?? sub };
    request.session.idToken = tokens.id_token;
    request.session.save(() => response.redirect("/"));
  });
});

// Here and at Rollcall, which would else answer the next "Sign in" without a question.
app.get("/sign-out", (request, response) => {
  const { idToken } = request.session;
  if (!idToken) return response.redirect("/");
  const back = { id_token_hint: idToken, post_logout_redirect_uri: `${BASE_URL}/` };
  request.session.destroy(() => response.redirect(oidc.buildEndSessionUrl(config, back).href));
});

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

app.listen(PORT, "127.0.0.1", () => console.log(`listening on ${BASE_URL}`));
