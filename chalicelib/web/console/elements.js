// Makes elements. Text goes in as text, and a link leads to a page or to the web: nothing that was stored anywhere can
// become HTML or a script.
import { LOCALE, words } from "../shared/words.js";

const WEB = /^(?:https?|mailto|blob):$/;
const STAMP = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "medium" });
const NUMBER = new Intl.NumberFormat(LOCALE);
const SHARE = new Intl.NumberFormat(LOCALE, { style: "percent", maximumFractionDigits: 1 });
const AGO = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto", style: "short" });
const SPANS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
const COPIED_MILLISECONDS = 1500;

/**
 * An element with children: elements, texts, or nothing (`null`, `false`). Of `attributes`, `on` has listeners by event,
 * `data` the `data-` attributes; one that is `false` or undefined is left out, one that is `true` has no value.
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) put(element, name, value);
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** The same for a drawing. A link in it leads to a page as well. */
export function drawn(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) put(element, name, value);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function put(element, name, value) {
  if (value === false || value === undefined || value === null) return;
  if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
  else if (name === "data") Object.assign(element.dataset, value);
  else if (name === "href") linkTo(element, value);
  else if (name === "value" && "value" in element) element.value = value;
  else element.setAttribute(name, value === true ? "" : String(value));
}

function linkTo(element, href) {
  const url = URL.canParse(href, location.href) ? new URL(href, location.href) : null;
  if (url && WEB.test(url.protocol)) element.setAttribute("href", String(href));
}

/** A button that does `act`. */
export function button(text, act, attributes = {}) {
  return el("button", { type: "button", class: "secondary", ...attributes, on: { click: act } }, text);
}

/** A time in the reader's zone; on hover in UTC. A dash where there is none. */
export function time(stamp) {
  if (!stamp) return el("span", { class: "soft" }, "–");
  const date = new Date(stamp);
  return el("time", { datetime: date.toISOString(), title: date.toISOString().replace("T", " ").replace(/\.\d+Z|Z/, " UTC") }, STAMP.format(date));
}

/** How long ago a time was: "5 min. ago". The whole time is there on hover. */
export function ago(stamp) {
  const made = time(stamp);
  if (stamp) {
    const seconds = Math.round((new Date(stamp) - Date.now()) / 1000);
    const [unit, size] = SPANS.find(([, length]) => Math.abs(seconds) >= length) ?? SPANS.at(-1);
    made.title = `${made.textContent} · ${made.title}`;
    made.textContent = AGO.format(Math.round(seconds / size), unit);
  }
  return made;
}

/** So many seconds in the two largest units that there are: "2 h 5 min". */
export function lasting(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 1) return unit(Math.round(seconds * 1000), "millisecond");
  const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  const parts = [[days, "day"], [hours, "hour"], [minutes, "minute"], [Math.round(seconds % 60), "second"]];
  const first = parts.findIndex(([count]) => count);
  return parts.slice(first, first + 2).filter(([count]) => count).map(([count, name]) => unit(count, name)).join(" ");
}

function unit(count, name) {
  return new Intl.NumberFormat(LOCALE, { style: "unit", unit: name, unitDisplay: "short" }).format(count);
}

/** A number as the language writes it, a dash where there is none. */
export function number(value) {
  return value === null || value === undefined ? "–" : NUMBER.format(value);
}

/** A part of a whole, in percent. */
export function share(part, whole) {
  return whole ? SHARE.format(part / whole) : "–";
}

/** A short word for a state: `good`, `bad`, `wait` or neither. */
export function badge(text, kind = "") {
  return el("span", { class: `badge ${kind}` }, text);
}

/** An id or another code, and a button that copies it. */
export function copyable(text, shown = text) {
  return el("span", { class: "copyable" }, el("code", {}, shown), copyButton(text));
}

/** A button that copies a text. */
export function copyButton(text) {
  const made = button(words("console.copy"), async () => {
    await navigator.clipboard.writeText(text);
    made.textContent = words("console.copied");
    setTimeout(() => {
      made.textContent = words("console.copy");
    }, COPIED_MILLISECONDS);
  }, { class: "secondary copy" });
  return made;
}

/** A text that is code, with a button that copies it. */
export function codeBlock(text, label) {
  return el("div", { class: "code-block" }, el("pre", { tabindex: "0", role: "region", "aria-label": label }, el("code", {}, text)), copyButton(text));
}

/** JSON as people read it. */
export function json(value, label) {
  return codeBlock(JSON.stringify(value, null, 2), label);
}

/** Names and their values, in two columns. Values that are undefined are left out. */
export function facts(pairs) {
  return el("dl", { class: "facts" }, pairs.filter(([, value]) => value !== undefined).map(([name, value]) =>
    el("div", {}, el("dt", {}, name), el("dd", {}, value === null || value === "" ? "–" : value))));
}

/** A card with a heading, and what can be done on its right. */
export function card(title, ...children) {
  return el("section", { class: "card" }, title && el("h2", {}, title), children);
}

/** A place for what goes wrong (`shared/forms.js`), around children. */
export function placed(tag, attributes, ...children) {
  return el(tag, attributes, el("div", { class: "problem", role: "alert", tabindex: "-1", hidden: true, data: { problem: "" } }), children);
}

/** What to say where there is nothing yet, and what to do about it. */
export function empty(title, text, ...actions) {
  return el("div", { class: "empty" }, el("p", { class: "empty-title" }, title), text && el("p", {}, text), actions.length > 0 && el("p", { class: "actions" }, actions));
}
