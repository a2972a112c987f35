// Dialogs that ask before something is done, and do it.
import { onSend } from "../shared/forms.js";
import { words } from "../shared/words.js";
import { button, el, placed } from "./elements.js";

let opened = 0;

/**
 * Ask, and `send(values)` when the person says yes: what goes wrong is shown in the dialog, which stays. Resolves to
 * what `send` gave, or to undefined where they changed their mind. Of `fields` each is `{name, label, value, type, hint,
 * required, options, rows}`, or an element; `content` is shown above them. Where there is nothing to `decide`, it can only be closed.
 */
export function asked({ title, text, content = [], fields = [], action, danger = false, send = () => true, complaints = {}, wide = false, decide = true }) {
  const id = `dialog-${++opened}`;
  const form = placed("form", {}, el("h2", { id }, title), text && el("p", {}, text), content,
    fields.map((field) => field instanceof Element ? field : dialogField(field, id)),
    el("p", { class: "actions" }, el("button", { class: danger ? "danger" : false }, action), decide && button(words("common.cancel"), () => dialog.close(), { class: "plain" })));
  const dialog = el("dialog", { "aria-labelledby": id, class: wide ? "wide" : false }, form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    let result;
    onSend(form, async (values) => {
      result = (await send(values)) ?? true;
      dialog.close();
    }, complaints);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(result);
    });
    dialog.showModal();
  });
}

/** A field of a form with its label, its hint and the place of what is wrong with it. */
export function dialogField({ name, label, value = "", type = "text", hint, required = false, options, rows, checked, ...more }, prefix) {
  const id = `${prefix}-${name}`;
  const given = { id, name, required, "aria-describedby": hint && `${id}-hint`, ...more };
  const below = hint && el("span", { class: "hint", id: `${id}-hint` }, hint);
  if (type === "checkbox") return el("p", { class: "field check" }, el("input", { ...given, type, checked }), el("label", { for: id }, label), below);
  const input = options
    ? el("select", given, options.map(([key, text]) => el("option", { value: key, selected: key === value }, text)))
    : rows
      ? el("textarea", { ...given, rows, spellcheck: "false" }, value)
      : el("input", { ...given, type, value, autocomplete: "off" });
  return el("p", { class: "field" }, el("label", { for: id }, label), input, below);
}
