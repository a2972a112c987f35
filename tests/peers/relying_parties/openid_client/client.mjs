// An application that signs people in with the certified openid-client. It is told what to be as JSON, prints where to
// send the browser, reads where the browser came back to, and prints what it has then.
import { createInterface } from "node:readline";

// Found through the folder where it is installed, which holds no other file of ours.
const oidc = await import(process.env.OPENID_CLIENT);

const told = JSON.parse(process.argv[2]);
const say = (words) => console.log(JSON.stringify(words));
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const hear = async () => (await lines.next()).value;

async function authentication() {
  if (told.private_jwk) {
    const { alg, kid, ...jwk } = told.private_jwk;
    const algorithm = alg === "ES256" ? { name: "ECDSA", namedCurve: "P-256" } : { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("jwk", jwk, algorithm, false, ["sign"]);
    return oidc.PrivateKeyJwt({ key, kid });
  }
  if (told.client_secret) return oidc[told.by_post ? "ClientSecretPost" : "ClientSecretBasic"](told.client_secret);
  return oidc.None();
}

const config = await oidc.discovery(new URL(told.issuer), told.client_id, {}, await authentication(), {
  execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
});

if (told.device) {
  const device = await oidc.initiateDeviceAuthorization(config, { scope: told.scope });
  say({ verification_uri: device.verification_uri, user_code: device.user_code });
  await hear();
  say({ scope: (await oidc.pollDeviceAuthorizationGrant(config, device)).scope });
  process.exit(0);
}

const verifier = oidc.randomPKCECodeVerifier();
const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
const parameters = {
  redirect_uri: told.redirect_uri,
  scope: told.scope,
  code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  state,
  nonce,
  ...told.parameters,
};
const build = told.pushed ? oidc.buildAuthorizationUrlWithPAR : oidc.buildAuthorizationUrl;
say({ url: (await build(config, parameters)).href });

const returned = new URL(await hear());
const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce };
const tokens = await oidc.authorizationCodeGrant(config, returned, { ...checks, maxAge: told.max_age });
const claims = tokens.claims();
const userinfo = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
say({ claims, userinfo, scope: tokens.scope, has_refresh_token: "refresh_token" in tokens });

if (tokens.refresh_token) {
  const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  if (told.client_secret || told.private_jwk) {
    const { active } = await oidc.tokenIntrospection(config, refreshed.access_token);
    await oidc.tokenRevocation(config, refreshed.refresh_token);
    const after = await oidc.tokenIntrospection(config, refreshed.access_token);
    say({ rotated: refreshed.refresh_token !== tokens.refresh_token, active, active_after: after.active });
  } else say({ rotated: refreshed.refresh_token !== tokens.refresh_token });
}
if (told.post_logout_redirect_uri) {
  const { post_logout_redirect_uri } = told;
  say({ logout: oidc.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri }).href });
}
process.exit(0);
