// Fields for new passwords: they say at once what a password lacks.
import { STAGE } from "./stage.js";
import { words } from "./words.js";

const NO_LETTERS = /\P{L}+/gu;
const SIGNS = /[^\p{L}\p{N}]+/gu;
const OWN_PART = 3;
const LONGEST_UNIT = 4;
const RUNS = ["0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm"];

/**
 * Say below a field for a new password what it lacks, as it is typed. `own` gives what the person calls themselves,
 * and `hasFactor` whether they have a second factor; undefined where that is not known. The API has the last word: it
 * knows common passwords as well.
 */
export function advise(field, { own = () => [], hasFactor = () => false } = {}) {
  const advice = document.createElement("span");
  advice.className = "advice";
  advice.ariaLive = "polite";
  field.closest(".field").append(advice);
  const say = () => {
    const [key, values] = field.value ? shortcoming(field.value.normalize("NFC"), own(), hasFactor()) : [];
    const text = key ? words(key, values) : "";
    // The same again would be read out again.
    if (advice.textContent !== text) advice.textContent = text;
    advice.dataset.good = String(key === "password.good");
  };
  field.form.addEventListener("input", say);
  field.form.addEventListener("reset", () => setTimeout(say));
}

/** What is said of a new password: the key of a text, and the values in it. */
export function shortcoming(password, own, hasFactor) {
  const { password_min_length: alone, password_min_length_with_factor: beside } = STAGE;
  const length = [...password].length;
  if (length < (hasFactor === false ? alone : beside)) return tooShort(hasFactor, alone, beside);
  if (isOwn(password, own)) return ["password.own"];
  if (isPattern(password)) return ["password.pattern"];
  if (hasFactor === undefined && length < alone) return tooShort(hasFactor, alone, beside);
  return ["password.good"];
}

function tooShort(hasFactor, alone, beside) {
  if (hasFactor === undefined && alone !== beside) return ["password.short-or-factor", { alone, beside }];
  return ["password.short", { limit: hasFactor ? beside : alone }];
}

/** Whether its letters are one or two of the person's own words, whatever is between them. */
function isOwn(password, own) {
  const texts = own.map((text) => folded(text ?? ""));
  const parts = texts.flatMap((text) => [text, ...text.split("@"), ...text.split(NO_LETTERS)]);
  const known = new Set(parts.map((word) => word.replace(SIGNS, "")).filter((word) => [...word].length >= OWN_PART));
  const letters = folded(password).replace(NO_LETTERS, "");
  if (!letters) return false;
  for (let size = 1; size <= letters.length; size++) {
    if (known.has(letters.slice(0, size)) && (size === letters.length || known.has(letters.slice(size)))) return true;
  }
  return false;
}

/** Whether it is a few characters over and over, or goes along the alphabet, the digits or the keyboard. */
function isPattern(password) {
  const text = folded(password);
  for (let size = 1; size <= LONGEST_UNIT; size++) {
    if (text.slice(size) === text.slice(0, -size)) return true;
  }
  const backwards = [...text].reverse().join("");
  return RUNS.some((run) => run.repeat(4).includes(text) || run.repeat(4).includes(backwards));
}

function folded(text) {
  return text.normalize("NFKC").toLowerCase();
}
