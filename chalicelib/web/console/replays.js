// Replays: past events, sent again to the topic or to one endpoint.
import { words } from "../shared/words.js";
import { badge, button, el, empty, number, time } from "./elements.js";
import { jobState } from "./job-words.js";
import { listing } from "./lists.js";
import { address, go, link } from "./pages.js";
import { replay, startReplay } from "./replay.js";

/** The tab: the replay that the address names, and all of them. */
export async function show(main, visit) {
  const begin = button(words("console.replay-title"), async () => {
    const job = await startReplay({});
    if (job) go(address("events", { tab: "replays", replay: job.id }));
  }, { class: false });
  main.append(...[
    el("section", { class: "card" }, el("div", { class: "heading" }, el("p", { class: "soft" }, words("events.replays-text")), begin)),
    visit.query.replay && await replay(visit),
    el("section", { class: "card" }, el("h2", {}, words("events.replays")), await listing({
      visit,
      path: "/events/replay",
      caption: words("events.replays"),
      none: empty(words("events.no-replays"), words("events.no-replays-text")),
      columns: [
        { title: words("events.begun"), cell: ({ id, created_at: at }) => link(time(at), "events", { tab: "replays", replay: id }), kind: "narrow" },
        { title: words("events.status"), cell: jobState, kind: "narrow" },
        { title: words("events.range"), cell: ({ options }) => el("span", {}, time(options.from), " – ", time(options.to)) },
        { title: words("events.what"), cell: ({ options }) => el("span", { class: "badges" }, options.types?.length ? options.types.map((type) => badge(type, "quiet")) : words("events.every-type")) },
        { title: words("events.to-whom"), cell: ({ options }) => options.webhook ? link(options.webhook, "webhooks", {}, options.webhook) : words("events.to-topic") },
        { title: words("events.sent"), cell: ({ published }) => number(published), kind: "number" },
      ],
    })),
  ].filter(Boolean));
}
