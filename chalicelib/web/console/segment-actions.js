// What can be done with a segment, and with all of its people.
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { asked } from "./dialogs.js";
import { button } from "./elements.js";
import { changes as changed, objectFields } from "./fields.js";
import { explained } from "./filter-words.js";
import { address, go, reopen } from "./pages.js";
import { segmentFields } from "./segments.js";

const MEANWHILE = { 412: "console.changed-meanwhile" };
const FORMATS = ["ndjson", "csv"];

/** The buttons for a segment. */
export function actions(segment) {
  return [
    button(words("console.edit"), () => edit(segment)),
    button(words("questions.change-all"), () => changeAll(segment)),
    button(words("questions.export"), () => exportAll(segment)),
    button(words("common.remove"), () => remove(segment), { class: "danger" }),
  ];
}

async function edit(segment) {
  const sent = await asked({
    title: words("console.edit"),
    fields: segmentFields(segment),
    action: words("common.save"),
    send: (values) => explained(() => ask("PATCH", segment.path, changed(segment, values), { version: segment.etag })),
    complaints: MEANWHILE,
  });
  if (sent) await reopen(words("console.saved"));
}

/** A trial says what would become of everybody; the same patch is sent again to do it. */
async function changeAll(segment) {
  const fields = objectFields([
    { name: "attributes", label: words("questions.attributes"), as: "json", hint: words("questions.patch-hint") },
    { name: "metadata", label: words("questions.metadata"), as: "json", hint: words("questions.patch-hint") },
  ], {}, "change-all");
  const sent = await asked({
    title: words("questions.change-all"),
    text: words("questions.change-all-text"),
    fields: [...fields.elements, { name: "dry_run", label: words("questions.trial"), type: "checkbox", checked: true, hint: words("questions.trial-hint") }],
    action: words("questions.change-all"),
    danger: true,
    send: ({ dry_run: trial, ...values }) => {
      const patch = Object.fromEntries(Object.entries(fields.read(values)).filter(([, value]) => value !== null));
      return ask("POST", `${segment.path}/changes`, { patch, dry_run: trial });
    },
  });
  if (sent) await go(address("questions", { changes: sent.body.id }, segment.id));
}

async function exportAll(segment) {
  const sent = await asked({
    title: words("questions.export"),
    text: words("questions.export-text"),
    fields: [{ name: "format", label: words("questions.format"), options: FORMATS.map((format) => [format, words(`questions.format-${format}`)]) }],
    action: words("questions.export"),
    send: (values) => ask("POST", `${segment.path}/exports`, values),
  });
  if (sent) await go(address("imports", { tab: "exports", export: sent.body.id }));
}

async function remove(segment) {
  const sent = await asked({
    title: words("questions.remove"),
    text: words("questions.remove-text"),
    action: words("common.remove"),
    danger: true,
    send: () => ask("DELETE", segment.path, undefined, { version: segment.etag }),
    complaints: MEANWHILE,
  });
  if (sent) await go(address("questions", { tab: "segments" }), words("questions.removed"));
}
