// The certified oidc-provider on a port of loopback that nobody else has, until it is ended. Says the port.
// Its own pages sign in whoever enters a name and any password, and ask for consent.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";

// Found through the folder where it is installed, which holds no other file of ours.
const { Provider } = await import(process.env.OIDC_PROVIDER);

const { client_id, client_secret, redirect_uri, alg } = JSON.parse(process.argv[2]);

function key(kid) {
  const pair =
    alg === "ES256"
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : alg === "EdDSA"
        ? generateKeyPairSync("ed25519")
        : generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...pair.privateKey.export({ format: "jwk" }), kid, alg, use: "sig" };
}

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address();
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: [
      {
        client_id,
        client_secret,
        redirect_uris: [redirect_uri],
        response_types: ["code"],
        grant_types: ["authorization_code"],
        id_token_signed_response_alg: alg,
      },
    ],
    jwks: { keys: [key("one")] },
    enabledJWA: { idTokenSigningAlgValues: ["RS256", "PS256", "ES256", "EdDSA"] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "locale"] },
    pkce: { required: () => true },
    cookies: { keys: ["of-no-use-to-anybody"] },
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        email: `${id}@customer.example`,
        email_verified: true,
        name: `${id} of the customer`,
        locale: "de",
      }),
    }),
  });
  server.on("request", provider.callback());
  console.log(JSON.stringify({ port }));
});
