// Calls the API that serves these pages: JSON in, JSON out.

/** Where the API is, under whatever prefix: this file is at `<root>/assets/<version>/shared/api.js`. */
export const ROOT = new URL("../../..", import.meta.url);

/** What the API answered with an error, as its problem document (RFC 9457) tells it. */
export class Refused extends Error {
  constructor(response, problem) {
    super(problem.detail ?? problem.title ?? `status ${response.status}`);
    this.status = response.status;
    this.type = problem.type ?? "about:blank";
    this.problem = problem;
    this.code = problem.code ?? "";
    this.fields = problem.errors ?? [];
    this.retryAfter = Number(response.headers.get("Retry-After")) || 0;
  }
}

/** The API was not reached. */
export class Unreachable extends Error {}

/** The answer is so long that the API gave a link to it, which no page may follow but by hand. */
export class TooLong extends Error {}

/** Send one request: `{status, body, version}`, the version as `ETag` says it. `cache` is `default` for what the browser
 * may keep as long as the API says. Throws Refused, Unreachable and TooLong. */
export async function call(method, path, body, { token = "", version = "", cache = "no-store" } = {}) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  if (version) headers["If-Match"] = version;
  let response;
  try {
    response = await fetch(new URL(path.replace(/^\//, ""), ROOT), {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      cache,
      redirect: "manual",
    });
  } catch (error) {
    throw new Unreachable("the server was not reached", { cause: error });
  }
  if (response.type === "opaqueredirect") throw new TooLong("the answer is elsewhere");
  const answer = await json(response);
  if (!response.ok) throw new Refused(response, answer ?? {});
  return { status: response.status, body: answer, version: response.headers.get("ETag") ?? "" };
}

async function json(response) {
  const text = await response.text();
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
