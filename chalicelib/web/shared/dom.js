// Makes what is shown out of the templates of the page. Text goes in as text: there is no way to put HTML in.
import { revealable } from "./revealable.js";
import { LOCALE } from "./words.js";

/** A copy of the `<template>` of that name, in which one can look at passwords. */
export function copyOf(name) {
  const copy = document.querySelector(`template[data-name="${name}"]`).content.cloneNode(true);
  revealable(copy);
  return copy;
}

/** Put each value into the element with its `data-text` name; nothing where there is no value. */
export function fill(root, values) {
  for (const [name, value] of Object.entries(values)) {
    for (const element of root.querySelectorAll(`[data-text="${name}"]`)) element.textContent = value ?? "";
  }
}

/** Show the elements of that `data-part` name, or hide them. */
export function show(root, part, shown = true) {
  for (const element of root.querySelectorAll(`[data-part="${part}"]`)) element.hidden = !shown;
}

/** Say something politely: it is shown in the page's line for news, which screen readers follow. */
export function say(message) {
  document.getElementById("news").textContent = message;
}

/** A time as people read it, in the page's language and their time zone. */
export function readable(timestamp) {
  return new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "short" }).format(new Date(timestamp));
}
