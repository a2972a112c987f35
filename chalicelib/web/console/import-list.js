// A file is dropped here; below are the imports that there were.
import { words } from "../shared/words.js";
import { el, empty, number, time } from "./elements.js";
import { chooseFile } from "./import-file.js";
import { jobState } from "./job-words.js";
import { listing } from "./lists.js";
import { link } from "./pages.js";

/** The tab. */
export async function show(tab, visit) {
  tab.append(chooseFile(visit));
  const list = await listing({
    visit,
    path: "/imports",
    caption: words("imports.tab-imports"),
    none: empty(words("imports.none"), words("imports.none-text")),
    columns: [
      { title: words("imports.job"), cell: (job) => link(nameOf(job), "imports", {}, job.id) },
      { title: words("imports.status"), cell: jobState, kind: "narrow" },
      { title: words("imports.created"), cell: ({ counts }) => number(counts.created), kind: "number" },
      { title: words("imports.updated"), cell: ({ counts }) => number(counts.updated), kind: "number" },
      { title: words("imports.refused"), cell: ({ counts }) => number(counts.failed), kind: "number" },
      { title: words("imports.begun"), cell: ({ created_at: at }) => time(at), kind: "narrow" },
    ],
  });
  tab.append(el("section", { class: "card" }, el("h2", {}, words("imports.jobs")), list));
}

/** What a job is called: its file, but one that was uploaded without a name. */
export function nameOf(job) {
  const own = job.source === `imports/${job.id}` || !job.source;
  return own ? words(job.content === "items" ? "imports.items-file" : "imports.people-file") : job.source;
}
