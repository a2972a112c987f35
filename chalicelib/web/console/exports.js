// Everybody out: an export as a file that an import takes, here or in another system.
import { attempt, onPress } from "../shared/forms.js";
import { ask } from "../shared/session.js";
import { stepUp } from "../shared/step-up.js";
import { words } from "../shared/words.js";
import { asked } from "./dialogs.js";
import { badge, button, copyable, el, empty, facts, number, placed, time } from "./elements.js";
import { sized } from "./import-file.js";
import { howFar, isOver, jobState } from "./job-words.js";
import { listing } from "./lists.js";
import { address, go, link } from "./pages.js";
import { watch } from "./watching.js";

const SECONDS = 2;

const FORMATS = ["ndjson", "csv", "auth0", "cognito", "firebase", "keycloak", "kratos", "supabase"];

/** The tab of exports; the one that the address names is shown above the list. */
export async function show(tab, visit) {
  const begin = button(words("imports.export"), async () => {
    const job = await newExport();
    if (job) go(address("imports", { tab: "exports", export: job.id }));
  }, { class: false });
  tab.append(el("section", { class: "card" }, el("div", { class: "heading" }, el("p", { class: "soft" }, words("imports.export-text")), begin)));
  if (visit.query.export) tab.append(await oneExport(visit));
  tab.append(el("section", { class: "card" }, el("h2", {}, words("imports.exports")), await listing({
    visit,
    path: "/exports",
    caption: words("imports.exports"),
    none: empty(words("imports.no-exports"), words("imports.no-exports-text")),
    columns: [
      { title: words("imports.begun"), cell: ({ id, created_at: at }) => link(time(at), "imports", { tab: "exports", export: id }) },
      { title: words("imports.status"), cell: jobState, kind: "narrow" },
      { title: words("imports.what"), cell: ({ filters, credentials }) => whom(filters, credentials) },
      { title: words("imports.format"), cell: ({ format }) => format },
      { title: words("imports.people"), cell: ({ counts }) => number(counts.rows), kind: "number" },
      { title: words("imports.size"), cell: ({ bytes }) => (bytes === null ? null : sized(bytes)), kind: "number" },
    ],
  })));
}

function whom(filters, credentials) {
  const said = Object.entries(filters).map(([name, value]) => badge(`${words(`imports.filter-${name.replace(/_/g, "-")}`)}: ${value}`, "quiet"));
  return el("span", { class: "badges" }, said.length ? said : words("imports.everybody"), credentials && badge(words("imports.with-credentials"), "bad"));
}

/** An export, followed until its end, and then its file. */
async function oneExport(visit) {
  const path = `/exports/${encodeURIComponent(visit.query.export)}`;
  const place = placed("section", { class: "card stack" }, el("h2", {}, words("imports.one-export")));
  const state = el("div", { class: "stack" });
  place.append(state);
  await attempt(place, () => watch(visit, SECONDS, async () => {
    const { body: job } = await ask("GET", path);
    const over = isOver(job);
    state.replaceChildren(
      el("p", {}, jobState(job), " ", whom(job.filters, job.credentials)),
      ...(over ? [] : [howFar(job.counts.rows, null, words("imports.people"))]),
      facts([
        [words("imports.id"), copyable(job.id)],
        [words("imports.format"), words(`imports.format-${job.format}`)],
        [words("imports.people"), number(job.counts.rows)],
        [words("imports.size"), job.bytes === null ? null : sized(job.bytes)],
        [words("imports.not-in-file"), job.left_out.length ? leftOut(job.left_out) : undefined],
        [words("imports.reason"), job.reason ?? undefined],
        [words("imports.begun"), time(job.created_at)],
        [words("imports.ended"), time(job.ended_at)],
      ]),
      ...(job.status === "finished" ? [download(job, path, place)] : []),
    );
    return !over;
  }));
  return place;
}

/** What the format cannot hold, with the people that each is of. */
function leftOut(entries) {
  return el("ul", {}, entries.map(({ name, rows }) => el("li", {}, `${name}: `, number(rows))));
}

/** The file holds everybody at once: its link is for who has just proved a second factor. */
function download(job, path, place) {
  const actions = el("p", { class: "actions" });
  const offer = (href) => actions.replaceChildren(el("a", { class: "button", href, download: true }, words("imports.download")), el("span", { class: "small" }, words("imports.link-lasts")));
  if (job.link) offer(job.link);
  else {
    const press = el("button", { type: "button" }, words("imports.get-file"));
    onPress(press, place, async () => {
      await stepUp();
      const { body } = await ask("GET", path);
      if (body.link) offer(body.link);
      else actions.replaceChildren(el("span", {}, words("imports.no-link")));
    });
    actions.append(press);
  }
  return actions;
}

function newExport() {
  return asked({
    title: words("imports.export"),
    text: words("imports.export-hint"),
    wide: true,
    fields: [
      { name: "format", label: words("imports.format"), options: FORMATS.map((name) => [name, words(`imports.format-${name}`)]), hint: words("imports.format-hint") },
      { name: "role", label: words("imports.filter-role") },
      { name: "status", label: words("imports.filter-status"), options: ["", "active", "disabled"].map((value) => [value, words(value ? `console.status-${value}` : "imports.any")]) },
      { name: "min_age", label: words("imports.filter-min-age"), type: "number", min: 0, max: 150 },
      { name: "max_age", label: words("imports.filter-max-age"), type: "number", min: 0, max: 150 },
      { name: "created_after", label: words("imports.filter-created-after"), type: "date" },
      { name: "created_before", label: words("imports.filter-created-before"), type: "date" },
      { name: "credentials", label: words("imports.credentials"), type: "checkbox", hint: words("imports.credentials-hint") },
      { name: "hashes", label: words("imports.hashes"), hint: words("imports.hashes-hint") },
    ],
    action: words("imports.export"),
    send: async (values) => (await ask("POST", "/exports", wanted(values))).body,
  });
}

function wanted({ format, credentials, hashes, role, status, min_age: from, max_age: to, created_after: after, created_before: before }) {
  return {
    format,
    ...(credentials && { credentials }),
    ...(hashes.trim() && { hashes: hashes.trim() }),
    ...(role.trim() && { role: role.trim() }),
    ...(status && { status }),
    ...(from && { min_age: Number(from) }),
    ...(to && { max_age: Number(to) }),
    ...(after && { created_after: `${after}T00:00:00Z` }),
    ...(before && { created_before: `${before}T00:00:00Z` }),
  };
}
