// Lets a route be tried where it is described, and shows the request as code.
import { ROOT } from "../shared/api.js";
import { resume, token } from "../shared/session.js";
import { LANGUAGES } from "./examples.js";

const TOKEN = document.getElementById("access-token");

/** Make the form of a route, when it is opened for the first time. */
function begin(place) {
  const { method, path } = place.dataset;
  const given = JSON.parse(place.dataset.with);
  place.append(document.getElementById("try").content.cloneNode(true));
  const form = place.querySelector("form");
  const fields = given.parameters.map((parameter) => field(form, parameter, path));
  const body = form.querySelector("textarea");
  form.querySelector('[data-part="body"]').hidden = given.body === null;
  form.querySelector('[data-part="token"]').hidden = !given.token;
  if (given.body !== null) body.value = given.type.includes("json") ? JSON.stringify(given.body, null, 2) : String(new URLSearchParams(given.body));
  const request = () => written({ method, path, given, fields, body: given.body === null ? undefined : body.value });
  const code = place.querySelector("[data-code]");
  let language = "curl";
  const draw = () => {
    code.textContent = LANGUAGES[language](request());
  };
  for (const button of place.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => {
      language = button.dataset.language;
      for (const each of place.querySelectorAll("[data-language]")) each.ariaPressed = String(each === button);
      draw();
    });
  }
  place.querySelector("[data-copy]").addEventListener("click", () => navigator.clipboard.writeText(code.textContent));
  form.addEventListener("input", draw);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(place, request());
  });
  draw();
}

function field(form, { name, required, in: where }, path) {
  const label = document.createElement("label");
  const input = document.createElement("input");
  input.required = required;
  label.append(name, input);
  form.querySelector('[data-part="parameters"]').append(label);
  return { name, where: path.includes(`{${name}}`) ? "path" : where, input };
}

/** The request as it is filled in. What is empty is left out, and a part of the path shows its name. */
function written({ method, path, given, fields, body }) {
  let target = path;
  const query = new URLSearchParams();
  const headers = {};
  for (const { name, where, input } of fields) {
    if (where === "path") target = target.replace(`{${name}}`, input.value ? encodeURIComponent(input.value) : `{${name}}`);
    else if (input.value && where === "query") query.append(name, input.value);
    else if (input.value) headers[name] = input.value;
  }
  if (body !== undefined) headers["Content-Type"] = given.type;
  return { method, url: `${ROOT.href}${target.slice(1)}${query.size ? `?${query}` : ""}`, headers, isSigned: given.token, body };
}

async function send(place, { method, url, headers, isSigned, body }) {
  const signed = isSigned && TOKEN.value ? { ...headers, Authorization: `Bearer ${TOKEN.value}` } : headers;
  const answer = place.querySelector(".answer");
  const part = (name) => answer.querySelector(`[data-${name}]`);
  const began = performance.now();
  answer.hidden = false;
  try {
    const response = await fetch(url, { method, headers: signed, body, cache: "no-store", credentials: "omit", redirect: "manual" });
    const text = await response.text();
    part("status").textContent = response.type === "opaqueredirect" ? "3xx" : `${response.status} ${response.statusText}`;
    part("time").textContent = `${Math.round(performance.now() - began)} ms`;
    part("headers").textContent = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
    part("answer").textContent = indented(text);
  } catch (error) {
    part("status").textContent = String(error.message);
    for (const name of ["time", "headers", "answer"]) part(name).textContent = "";
  }
}

function indented(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

for (const place of document.querySelectorAll(".try")) {
  place.hidden = false;
  place.addEventListener("toggle", () => {
    if (place.open && !place.querySelector("form")) begin(place);
  });
}
document.getElementById("token").hidden = false;
document.getElementById("token").addEventListener("submit", (event) => event.preventDefault());
document.getElementById("own-session").addEventListener("click", async () => {
  const note = document.getElementById("token-note");
  const isIn = await resume().catch(() => false);
  if (isIn) TOKEN.value = token();
  note.textContent = isIn ? note.dataset.some : note.dataset.none;
});
