// What scripts say, in the language of the page, whose document brings the texts along.

/** The language of the page, for what the browser itself puts into words. */
export const LOCALE = document.documentElement.lang;

const TEXTS = JSON.parse(document.getElementById("words").textContent);
const PLURALS = new Intl.PluralRules(LOCALE);
const NUMBERS = new Intl.NumberFormat(LOCALE);

/** The text of a key, with each value in its place, `{name}`. Of a text with plural forms `count` chooses one. */
export function words(key, values = {}) {
  const text = TEXTS[key];
  const form = typeof text === "string" ? text : (text[PLURALS.select(values.count)] ?? text.other);
  return form.replace(/\{(\w+)\}/g, (_, name) => written(values[name]));
}

/** Take further texts, which a part of the pages has brought along. */
export function learn(texts) {
  Object.assign(TEXTS, texts);
}

/** Whether there is a text of that key: for keys that come from elsewhere. */
export function hasWords(key) {
  return Object.hasOwn(TEXTS, key);
}

/** Several things in a row, as the language has them: "a, b, and c". */
export function listed(parts) {
  return new Intl.ListFormat(LOCALE).format(parts);
}

function written(value) {
  return typeof value === "number" ? NUMBERS.format(value) : String(value ?? "");
}
