// The profile: what a person says of themselves.
import { fill, readable, say, show } from "../shared/dom.js";
import { onSend } from "../shared/forms.js";
import { speak } from "../shared/language.js";
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";

const FIELDS = ["name", "birthdate", "age", "locale"];

export async function start(main) {
  const form = main.querySelector("form");
  let present = await ask("GET", "/me");
  draw(main, form, present.body);
  onSend(form, async (values) => {
    present = await ask("PATCH", "/me", changes(present.body, values), { version: present.version });
    draw(main, form, present.body);
    say(words("profile.saved"));
  });
  // Until here, what somebody types would be written over by what is known of them.
  form.querySelector("fieldset").disabled = false;
}

/** A merge patch of what is different: null takes a member away. */
function changes(person, values) {
  const typed = { ...values, age: values.age === "" ? "" : Number(values.age) };
  const changed = FIELDS.filter((field) => typed[field] !== (person[field] ?? ""));
  // An age that follows from a date of birth is not stated beside a new one.
  const stated = changed.filter((field) => field !== "age" || !typed.birthdate);
  return Object.fromEntries(stated.map((field) => [field, typed[field] === "" ? null : typed[field]]));
}

function draw(main, form, person) {
  speak(person.locale);
  for (const field of FIELDS) form.elements[field].value = person[field] ?? "";
  form.elements.age.readOnly = Boolean(person.birthdate);
  fill(main, {
    email: person.email,
    id: person.id,
    since: readable(person.created_at),
    roles: person.roles.join(", "),
  });
  show(main, "roles", person.roles.length > 0);
  show(main, "unverified", !person.email_verified);
}
