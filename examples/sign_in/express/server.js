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
  const { email } = request.session;
  if (!email) return response.send('<a href="/sign-in">Sign in</a>');
  const shown = email.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  response.send(`Hello ${shown}. <a href="/sign-out">Sign out</a>`);
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
  const tokens = await oidc.authorizationCodeGrant(config, new URL(request.originalUrl, BASE_URL), {
    pkceCodeVerifier: asked.verifier,
    expectedState: asked.state,
    expectedNonce: asked.nonce,
  });
  // A new session: whoever planted the old one must not share it.
  request.session.regenerate(() => {
    request.session.email = tokens.claims().email;
    request.session.save(() => response.redirect("/"));
  });
});

app.get("/sign-out", (request, response) => {
  request.session.destroy(() => response.redirect("/"));
});

app.listen(PORT, "127.0.0.1", () => console.log(`listening on ${BASE_URL}`));
