// A form that is sent by its script: it says what is wrong, field by field, and cannot be sent twice at once.
import { Refused, TooLong, Unreachable } from "./api.js";
import { Cancelled, Hindered } from "./errors.js";
import { hasWords, words } from "./words.js";

/**
 * Call `send(values)` when the form is sent and whole. What `send` throws is shown in the form: `complaints` has the key
 * of what to say by type of problem or status, where what is said everywhere does not fit.
 */
export function onSend(form, send, complaints = {}) {
  form.noValidate = true;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.ariaBusy === "true") return;
    clear(form);
    const wrong = [...form.elements]
      .filter((field) => field.willValidate && !field.closest("[hidden]") && !field.validity.valid)
      .map((field) => ({ field: field.name, message: shortcoming(field) }));
    if (wrong.length) return complain(form, words("problem.check"), wrong);
    form.ariaBusy = "true";
    try {
      await send(values(form));
    } catch (error) {
      report(form, error, complaints);
    } finally {
      form.ariaBusy = "false";
    }
  });
}

/** Do something when a button outside of any form is pressed; what goes wrong is shown in `place`. */
export function onPress(button, place, act, complaints = {}) {
  button.addEventListener("click", async () => {
    if (button.ariaBusy === "true") return;
    button.ariaBusy = "true";
    try {
      await attempt(place, act, complaints);
    } finally {
      button.ariaBusy = "false";
    }
  });
}

/** Do something that nothing was pressed for; what goes wrong is shown in `place`. */
export async function attempt(place, act, complaints = {}) {
  clear(place);
  try {
    await act();
  } catch (error) {
    report(place, error, complaints);
  }
}

/** Show what is wrong, in all and with each field, and take the keyboard there. */
export function complain(place, message, wrong = []) {
  clear(place);
  const box = place.querySelector("[data-problem]");
  const title = document.createElement("p");
  title.textContent = message;
  const list = document.createElement("ul");
  for (const { field, message: complaint } of wrong) list.append(item(place, field, complaint));
  box.append(title, ...(list.children.length ? [list] : []));
  box.hidden = false;
  box.focus();
}

/** Take every complaint away. */
function clear(place) {
  const box = place.querySelector("[data-problem]");
  box.replaceChildren();
  box.hidden = true;
  for (const complaint of place.querySelectorAll(".complaint")) complaint.remove();
  for (const field of place.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    describe(field, field.dataset.hint ?? "");
  }
}

function values(form) {
  return Object.fromEntries(
    [...form.elements]
      .filter((field) => field.name && !field.closest("[hidden]"))
      .map((field) => [field.name, field.type === "checkbox" ? field.checked : field.value]),
  );
}

function report(place, error, complaints) {
  if (error instanceof Cancelled) return;
  if (error instanceof Hindered) return complain(place, error.message);
  if (error instanceof TooLong) return complain(place, words("problem.too-long"));
  if (error instanceof Unreachable) return complain(place, words("problem.unreachable"));
  if (!(error instanceof Refused)) {
    complain(place, words("problem.ours"));
    throw error;
  }
  complain(place, wording(error, complaints), faults(error.fields));
}

/** What to say of a request that was refused. The API's own words are in English, and for who writes programs. */
function wording({ type, status, code, retryAfter }, complaints) {
  const said = complaints[type] ?? complaints[status];
  if (said) return words(said);
  if (code && hasWords(`problem.${code}`)) return words(`problem.${code}`);
  if (status === 429) return soon(retryAfter);
  if (type === "step-up-required") return words("problem.second-factor");
  if (type === "connection-required") return words("problem.connection-required");
  if (status >= 500) return words("problem.server");
  return words(hasWords(`problem.${status}`) ? `problem.${status}` : "problem.refused");
}

function soon(seconds) {
  if (seconds <= 1) return words("problem.wait");
  if (seconds < 120) return words("problem.wait-seconds", { count: seconds });
  return words("problem.wait-minutes", { count: Math.ceil(seconds / 60) });
}

/** What a field lacks before it is sent. The browser's own words are in its language, which need not be the page's. */
function shortcoming(field) {
  if (field.validity.valueMissing) return words(field.type === "checkbox" ? "field.unchecked" : "field.missing");
  if (field.validity.patternMismatch) return words("field.pattern", { shape: field.title });
  return fault(field.name);
}

/** What is wrong with each field. What is wrong within a list or an object is wrong with the field that it is typed in. */
function faults(fields) {
  const wrong = fields.map(({ field, code, limit }) => ({ name: field.split(".")[0], code, limit }));
  const first = wrong.filter(({ name }, index) => wrong.findIndex((other) => other.name === name) === index);
  return first.map(({ name, code, limit }) => ({ field: name, message: fault(name, code, { limit }) }));
}

/** What is wrong with a field, by the API's code for it, or by its name. */
function fault(name, code, values) {
  const key = [`field.${code}`, `field.${name}`].find(hasWords);
  return words(key ?? "field.wrong", values);
}

function item(place, name, complaint) {
  const made = document.createElement("li");
  const field = name && place.querySelector(`[name="${CSS.escape(name)}"]`);
  if (!field) {
    made.textContent = complaint;
    return made;
  }
  const below = document.createElement("p");
  below.id = `${field.id}-complaint`;
  below.className = "complaint";
  below.textContent = complaint;
  field.closest(".field").append(below);
  field.dataset.hint ??= field.getAttribute("aria-describedby") ?? "";
  field.setAttribute("aria-invalid", "true");
  describe(field, `${field.dataset.hint} ${below.id}`.trim());
  const link = document.createElement("a");
  link.href = `#${field.id}`;
  link.textContent = `${labelOf(field) ?? name}: ${complaint}`;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    field.focus();
  });
  made.append(link);
  return made;
}

/** What a field is called: the beginning of its label, which may go on with a link or a remark. */
function labelOf(field) {
  return field.labels[0]?.firstChild.textContent.trim().replace(/:$/, "");
}

function describe(field, ids) {
  if (ids) field.setAttribute("aria-describedby", ids);
  else field.removeAttribute("aria-describedby");
}
