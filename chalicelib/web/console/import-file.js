// A file that is to be imported: what it is taken for, what would become of it, and how it is to be treated.
import { Refused } from "../shared/api.js";
import { onSend } from "../shared/forms.js";
import { ask } from "../shared/session.js";
import { words } from "../shared/words.js";
import { dialogField } from "./dialogs.js";
import { badge, button, card, el, placed } from "./elements.js";
import { howFar } from "./job-words.js";
import { columnsOf, rowsOf } from "./import-preview.js";
import { address, go } from "./pages.js";
import { upload } from "./uploading.js";

const BEGINNING_BYTES = 64 * 1024;
const FILE_BYTES = 1024 ** 3;
const WITHOUT_GROUPS = new Set(["", "Rollcall", "Mapped"]);
const OF_SYSTEMS = {
  Cognito: [["cognito_hash_column", {}], ["cognito_hash_algorithm", { options: ["", "ARGON2ID", "BCRYPT", "PBKDF2_SHA256", "SCRYPT"] }]],
  Firebase: [["firebase_project", {}]],
  Kratos: [["kratos_email", {}], ["kratos_name", {}]],
};

/** The file of the latest trial, so that it need not be chosen again when it is imported in earnest. */
export const TRIED = { job: "", file: null, options: {} };

/** The card where a file is dropped or chosen; it becomes the card of that file. */
export function chooseFile(visit) {
  const input = el("input", { type: "file", id: "file", class: "unseen", "aria-label": words("imports.drop") });
  const zone = el("label", { for: "file", class: "drop" }, el("strong", {}, words("imports.drop")), el("span", { class: "soft" }, words("imports.drop-text")));
  const place = placed("section", { class: "card stack" }, el("h2", {}, words("imports.new")), el("div", {}, input, zone));
  const take = (file) => file && place.replaceWith(fileCard(file, visit));
  input.addEventListener("change", () => take(input.files[0]));
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    take(event.dataTransfer.files[0]);
  });
  return place;
}

function fileCard(file, visit) {
  const told = el("p", { class: "badges", role: "status" }, badge(words("common.moment"), "quiet"));
  const shown = el("div", { class: "stack" });
  const further = el("div", { class: "row" });
  const groups = field("groups_as_roles", { type: "checkbox", hint: words("imports.groups_as_roles-hint") });
  groups.hidden = true;
  const options = el("div", { class: "stack" },
    el("div", { class: "row" },
      field("content", { options: ["users", "items"] }),
      field("mode", { options: ["create", "upsert"], hint: words("imports.mode-hint") })),
    field("privileged", { type: "checkbox", hint: words("imports.privileged-hint") }),
    groups,
    further);
  const sending = el("div", { hidden: true });
  const buttons = el("p", { class: "actions" },
    el("button", { name: "trial" }, words("imports.try")),
    el("button", { class: "secondary", name: "earnest" }, words("imports.import-now")),
    button(words("imports.other-file"), () => form.closest("section").replaceWith(chooseFile(visit)), { class: "plain" }));
  const table = el("div", {});
  const form = placed("form", { class: "stack" }, told, options, table, sending, buttons, shown);
  let system = "";
  let latest = 0;
  let mapping = null;

  const isMapped = () => mapping && form.elements.content.value === "users";
  const wanted = () => {
    const values = valuesOf(form);
    return { ...chosen({ ...values, groups_as_roles: values.privileged && values.groups_as_roles }), ...(isMapped() && { columns: mapping.columns() }) };
  };

  const look = async () => {
    const mine = ++latest;
    const result = await previewed(file, wanted());
    if (mine !== latest || visit.signal.aborted) return;
    const { body, refused } = result;
    table.hidden = !isMapped();
    for (const each of buttons.querySelectorAll("[name]")) each.disabled = Boolean(refused);
    if (refused) {
      told.replaceChildren(badge(words("imports.not-taken"), "bad"));
      return shown.replaceChildren(el("p", { class: "problem", lang: "en" }, refused));
    }
    told.replaceChildren(badge(body.format, "good"), ...(WITHOUT_GROUPS.has(body.system) ? [] : [badge(words("imports.from-system", { system: body.system }))]));
    if (body.suggested) {
      // Most files need no mapping, and pages load what they show.
      mapping = (await import("./import-mapping.js")).mappingOf(body);
      table.replaceChildren(mapping.element);
      table.hidden = false;
    }
    if (isMapped()) mapping.show(body.columns);
    shown.replaceChildren(...(isMapped() ? [] : columnsOf(body)), ...rowsOf(body));
    if (body.system !== system) {
      system = body.system;
      further.replaceChildren(...(OF_SYSTEMS[system] ?? []).map(([name, about]) => field(name, about)));
    }
    return undefined;
  };
  let waiting = 0;
  form.addEventListener("input", ({ target }) => {
    if (target.name === "mode") return;
    groups.hidden = WITHOUT_GROUPS.has(system) || !form.elements.privileged.checked;
    clearTimeout(waiting);
    waiting = setTimeout(look, 300);
  });
  let trial = true;
  form.addEventListener("click", ({ target }) => {
    if (target.name === "trial" || target.name === "earnest") trial = target.name === "trial";
  });
  onSend(form, () => send(file, { ...wanted(), dry_run: trial }, visit, sending), { 413: "imports.too-large" });
  look();
  return card(words("imports.file-named", { name: file.name, size: sized(file.size) }), form);
}

/** Make the job, send the file, and go to where its progress is seen. */
export async function send(file, options, visit, place) {
  const { body: job } = await ask("POST", "/imports", { ...options, file_name: file.name });
  place.hidden = false;
  await upload(job.upload, file, visit.signal, (done, all) => place.replaceChildren(howFar(done, all, words("imports.uploading"))));
  Object.assign(TRIED, options.dry_run ? { job: job.id, file, options } : { job: "", file: null, options: {} });
  await go(address("imports", {}, job.id));
}

/** What the API makes of the file's first rows: `{body}`, or why it is `refused` as a whole. */
async function previewed(file, options) {
  if (file.size > FILE_BYTES) return { refused: words("imports.too-large") };
  const beginning = base64(new Uint8Array(await file.slice(0, BEGINNING_BYTES).arrayBuffer()));
  try {
    return await ask("POST", "/imports/preview", { ...options, beginning, whole: file.size <= BEGINNING_BYTES });
  } catch (error) {
    if (error instanceof Refused && [400, 422].includes(error.status)) return { refused: error.message };
    return { refused: words("console.refused") };
  }
}

function base64(bytes) {
  const parts = [];
  for (let start = 0; start < bytes.length; start += 8192) parts.push(String.fromCharCode(...bytes.subarray(start, start + 8192)));
  return btoa(parts.join(""));
}

function field(name, { options, ...about }) {
  const texts = options?.map((value) => [value, value === "" || value === value.toUpperCase() ? value || words("imports.by-the-file") : words(`imports.${name}-${value}`)]);
  return dialogField({ name, label: words(`imports.${name}`), options: texts, ...about }, "import");
}

function valuesOf(form) {
  return Object.fromEntries([...form.elements].filter(({ name, type }) => name && type !== "submit").map((each) => [each.name, each.type === "checkbox" ? each.checked : each.value.trim()]));
}

/** The options that say something. */
function chosen(values) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== "" && value !== false));
}

/** So many bytes, as people say them. */
export function sized(bytes) {
  const [unit, power] = bytes >= 1024 ** 2 ? ["MB", 2] : ["KB", 1];
  return `${new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 }).format(bytes / 1024 ** power)} ${unit}`;
}
