// People of better-auth, made by its own routes, and its tables as JSON.
//
// node dump.mjs MODULES PEOPLE   where MODULES is its folder of packages, and PEOPLE has the `people` who sign up, the
// `password` of all, and the address of the one who takes a `second` factor

import { pathToFileURL } from "node:url";

const [modules, told] = process.argv.slice(2);
const { password, people, second } = JSON.parse(told);
const module = (name) => import(pathToFileURL(`${modules}/${name}`));
const { betterAuth } = await module("better-auth/dist/index.mjs");
const { memoryAdapter } = await module("better-auth/dist/adapters/memory-adapter/index.mjs");
const { base32 } = await module("@better-auth/utils/dist/base32.mjs");
const { admin, twoFactor, username } = await module("better-auth/dist/plugins/index.mjs");

const tables = { user: [], account: [], session: [], verification: [], twoFactor: [] };
const auth = betterAuth({
  database: memoryAdapter(tables),
  secret: "a secret of thirty-two letters and more",
  baseURL: "http://localhost",
  emailAndPassword: { enabled: true },
  plugins: [admin(), twoFactor(), username()],
});
for (const person of people) await auth.api.signUpEmail({ body: { ...person, password } });

const { headers } = await auth.api.signInEmail({ body: { email: second, password }, returnHeaders: true });
const cookie = headers.getSetCookie().map((each) => each.split(";")[0]).join("; ");
const signedIn = new Headers({ cookie });
const { totpURI } = await auth.api.enableTwoFactor({ body: { password }, headers: signedIn });
const secret = new TextDecoder().decode(base32.decode(new URL(totpURI).searchParams.get("secret")));
const { code } = await auth.api.generateTOTP({ body: { secret } });
await auth.api.verifyTOTP({ body: { code }, headers: signedIn });
console.log(JSON.stringify(tables));
