// Whom an event is about and who made it happen, in words and links.
import { words } from "../shared/words.js";
import { el } from "./elements.js";
import { link } from "./pages.js";

const IMPERSONAL = /^(?:webhook|import|export|client|segment)\./;

/** Whom or what an event is about: a link to the person, and to the job that ended. */
export function aboutWhom({ type, subject }) {
  const shown = el("code", {}, subject);
  if (type === "import.finished") return link(shown, "imports", {}, subject);
  if (type === "export.finished") return link(shown, "imports", { tab: "exports", export: subject });
  return IMPERSONAL.test(type) ? shown : link(shown, "people", {}, subject);
}

/** Who made it happen, as far as the event says. */
export function byWhom({ actor, subject }) {
  if (!actor) return null;
  if (actor === subject) return words("events.themselves");
  return link(el("code", {}, actor), "people", {}, actor);
}
