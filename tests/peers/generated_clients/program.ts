// Registers with address and password alone, signs in and reads one's own account, by the generated types.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

declare const process: { argv: string[] };

const [baseUrl, email, password] = process.argv.slice(2);
if (!baseUrl || !email || !password) throw new Error("needs a base URL, an address and a password");
const api = createClient<paths>({ baseUrl });

const newUser: components["schemas"]["NewUser"] = { email, password };
const registered = await api.POST("/users", { body: newUser });
if (registered.error) throw new Error(registered.error.title);

const signIn: components["schemas"]["SignIn"] = { email, password };
const session = await api.POST("/sessions", { body: signIn });
if (!session.data) throw new Error(session.error?.title ?? "no session");

const Authorization = `Bearer ${session.data.access_token}`;
const me = await api.GET("/me", { headers: { Authorization } });
if (!me.data) throw new Error("no account");
console.log(JSON.stringify(me.data));
