// What is wrong with a filter, and where. The words are the API's, as those of the filter itself are.
import { Refused } from "../shared/api.js";
import { Hindered } from "../shared/errors.js";
import { words } from "../shared/words.js";

const FIELDS = ["q", "filter"];

/** `{at, text}` of an error that is about a filter: the character, from 1, where that is said. Null for any other. */
export function faultOf(error) {
  const fault = error instanceof Refused && error.fields.find(({ field }) => FIELDS.includes(field));
  if (!fault) return null;
  const [, at, what] = fault.message.match(/^at character (\d+): (.+)$/s) ?? [];
  return { at: Number(at ?? 0), text: at ? words("questions.wrong-at", { at: Number(at), what }) : fault.message };
}

/** Do something with a filter in a dialog, which says what is wrong with the filter. */
export async function explained(act) {
  try {
    return await act();
  } catch (error) {
    const fault = faultOf(error);
    throw fault ? new Hindered(fault.text) : error;
  }
}
