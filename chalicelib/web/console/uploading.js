// Sends a file by the form that the API gave for it, to the one place beside the API that this page may send anything
// to. It can take minutes, so that it says how far it is.
import { Unreachable } from "../shared/api.js";
import { Cancelled, Hindered } from "../shared/errors.js";
import { words } from "../shared/words.js";

/** Send the file. `progress(sent, all)` is called with bytes. Throws Unreachable, Hindered where it is not taken, and
 * Cancelled where the page was left. */
export function upload({ url, fields }, file, signal, progress) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", file);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", ({ loaded, total }) => progress(loaded, total));
    request.addEventListener("load", () => (request.status < 300 ? resolve() : reject(new Hindered(words("imports.upload-refused", { status: request.status })))));
    request.addEventListener("error", () => reject(new Unreachable("the upload did not arrive")));
    request.addEventListener("abort", () => reject(new Cancelled()));
    signal.addEventListener("abort", () => request.abort());
    request.open("POST", url);
    request.send(form);
  });
}
