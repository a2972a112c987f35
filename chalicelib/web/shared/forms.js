// A form that is sent by its script: it says what is wrong, field by field, and cannot be sent twice at once.
import { Refused, TooLong, Unreachable } from "./api.js";

/** Thrown where the person changed their mind: nothing happened, and nothing is to be said. */
export class Cancelled extends Error {}

/** Thrown where it cannot be done for a reason that the message tells the person. */
export class Hindered extends Error {}

/**
 * Call `send(values)` when the form is sent and whole. What `send` throws is shown in the form: `words` has what to
 * say by type of problem or status, where the API's own words are not for whoever fills in the form.
 */
export function onSend(form, send, words = {}) {
  form.noValidate = true;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.ariaBusy === "true") return;
    clear(form);
    const wrong = [...form.elements]
      .filter((field) => field.willValidate && !field.closest("[hidden]") && !field.validity.valid)
      .map((field) => ({ field: field.name, message: field.validationMessage }));
    if (wrong.length) return complain(form, "Please check what you entered.", wrong);
    form.ariaBusy = "true";
    try {
      await send(values(form));
    } catch (error) {
      report(form, error, words);
    } finally {
      form.ariaBusy = "false";
    }
  });
}

/** Do something when a button outside of any form is pressed; what goes wrong is shown in `place`. */
export function onPress(button, place, act, words = {}) {
  button.addEventListener("click", async () => {
    if (button.ariaBusy === "true") return;
    clear(place);
    button.ariaBusy = "true";
    try {
      await act();
    } catch (error) {
      report(place, error, words);
    } finally {
      button.ariaBusy = "false";
    }
  });
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
export function clear(place) {
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

function report(place, error, words) {
  if (error instanceof Cancelled) return;
  if (error instanceof Hindered) return complain(place, error.message);
  if (error instanceof TooLong) return complain(place, "This is too much for the page: it can be had through the API.");
  if (error instanceof Unreachable) return complain(place, "The server was not reached. Please try again.");
  if (!(error instanceof Refused)) {
    complain(place, "Something went wrong here. Please load the page again.");
    throw error;
  }
  complain(place, wording(error, words), error.fields);
}

function wording(refused, words) {
  const known = words[refused.type] ?? words[refused.status];
  if (known) return known;
  if (refused.status === 429) return `Too many attempts. Please try again ${soon(refused.retryAfter)}.`;
  if (refused.type === "step-up-required") return "This needs a second factor: set one up first.";
  if (refused.status === 412) return "This was changed elsewhere meanwhile. Please load the page again.";
  if (refused.status === 422) return "Please check what you entered.";
  if (refused.status >= 500) return "The server could not do this just now. Please try again in a moment.";
  return refused.message;
}

function soon(seconds) {
  if (seconds <= 1) return "in a moment";
  return seconds < 120 ? `in ${seconds} seconds` : `in ${Math.ceil(seconds / 60)} minutes`;
}

function item(place, name, complaint) {
  const made = document.createElement("li");
  const field = name && place.querySelector(`[name="${CSS.escape(name)}"]`);
  if (!field) {
    made.textContent = name ? `${name}: ${complaint}` : complaint;
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
  link.textContent = `${field.labels[0]?.firstChild.textContent.trim() ?? name}: ${complaint}`;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    field.focus();
  });
  made.append(link);
  return made;
}

function describe(field, ids) {
  if (ids) field.setAttribute("aria-describedby", ids);
  else field.removeAttribute("aria-describedby");
}
