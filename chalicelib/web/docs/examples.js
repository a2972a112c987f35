// A request as code: curl, Python and JavaScript. `{method, url, headers: {name: value}, isSigned, body}`; the body is
// text, or undefined where there is none. The token itself is in none of them: it would stay in a shell's history.

const INDENT = "  ";

/** The languages that there are. */
export const LANGUAGES = { curl, python, javascript };

function curl({ method, url, headers, isSigned, body }) {
  const isPlain = method === "GET" || (method === "POST" && body !== undefined);
  const parts = [`curl -s ${isPlain ? "" : `-X ${method} `}${shell(url)}`];
  if (isSigned) parts.push('-H "Authorization: Bearer $TOKEN"');
  for (const [name, value] of Object.entries(headers)) parts.push(`-H ${shell(`${name}: ${value}`)}`);
  if (body !== undefined) parts.push(`-d ${shell(body)}`);
  return parts.join(` \\\n${INDENT}`);
}

function python({ method, url, headers, isSigned, body }) {
  const given = Object.entries(headers).map(([name, value]) => `${text(name)}: ${text(value)}`);
  if (isSigned) given.unshift('"Authorization": f"Bearer {os.environ[\'TOKEN\']}"');
  const parts = [text(method), text(url)];
  const json = parsed(body);
  if (given.length) parts.push(`headers={${given.join(", ")}}`);
  if (json !== undefined) parts.push(`json=${literal(json, "    ")}`);
  else if (body !== undefined) parts.push(`content=${text(body)}.encode()`);
  return [...(isSigned ? ["import os", ""] : []), "import httpx", "", "answer = httpx.request(", ...parts.map((part) => `    ${part},`), ")", "print(answer.status_code, answer.text)"].join("\n");
}

function javascript({ method, url, headers, isSigned, body }) {
  const given = Object.entries(headers).map(([name, value]) => `${text(name)}: ${text(value)}`);
  if (isSigned) given.unshift("Authorization: `Bearer ${process.env.TOKEN}`");
  const json = parsed(body);
  const lines = [`method: ${text(method)}`];
  if (given.length) lines.push(`headers: { ${given.join(", ")} }`);
  if (json !== undefined) lines.push(`body: JSON.stringify(${JSON.stringify(json, null, 2).replaceAll("\n", `\n${INDENT}`)})`);
  else if (body !== undefined) lines.push(`body: ${text(body)}`);
  return [`const answer = await fetch(${text(url)}, {`, ...lines.map((line) => `${INDENT}${line},`), "});", "console.log(answer.status, await answer.text());"].join("\n");
}

/** A text in single quotes for a shell: nothing in it means anything there. */
function shell(value) {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

/** A text as Python and JavaScript both write it: JSON without letters that either would not take. */
function text(value) {
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** JSON as a literal of Python. */
function literal(value, indent) {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return text(value);
  if (typeof value !== "object") return String(value);
  const inner = `${indent}    `;
  const parts = Array.isArray(value) ? value.map((each) => literal(each, inner)) : Object.entries(value).map(([name, each]) => `${text(name)}: ${literal(each, inner)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return parts.length ? `${open}\n${parts.map((part) => `${inner}${part},`).join("\n")}\n${indent}${close}` : `${open}${close}`;
}

function parsed(body) {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
