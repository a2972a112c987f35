// How people and what happened to them are put into words.
import { hasWords, words } from "../shared/words.js";
import { badge, el } from "./elements.js";

/** What a person is called, as far as is known. */
export function nameOf({ name, email, id }) {
  return name || email || id;
}

/** Where the API has a person. */
export function pathOf(id) {
  return `/users/${encodeURIComponent(id)}`;
}

/** What a person's account is: active, not confirmed yet, or disabled. */
export function statusBadge({ status, email, email_verified: verified }) {
  if (status === "disabled") return badge(words("console.status-disabled"), "bad");
  if (email && !verified) return badge(words("console.status-unconfirmed"), "quiet");
  return badge(words("console.status-active"), "good");
}

/** A person's roles; nothing where there is none. */
export function roleBadges(roles) {
  return roles.length ? el("span", { class: "badges" }, roles.map((role) => badge(role))) : null;
}

/** What an event of that type says: "Signed in". Types that are younger than this page say their name. */
export function typeWords(type) {
  const key = `console.type-${type}`;
  return hasWords(key) ? words(key) : type;
}

const SERIOUS = new Set(["session.reuse_detected", "session.blocked", "session.factor_failed", "user.disabled", "user.deleted"]);

/** Whether an event is one to look at twice. */
export function isSerious(type) {
  return SERIOUS.has(type);
}
