// The living map: every change on its way from a request to mail, webhooks, history and statistics, with the figures of
// the last hour, red where something waits or failed. The same figures are a table below it.
import { words } from "../shared/words.js";
import { drawn, el, lasting, number } from "./elements.js";
import { table } from "./lists.js";
import { ARROWS, PARTS } from "./map-parts.js";
import { address, link } from "./pages.js";
import { READER } from "./reader.js";

const [WIDTH, HEIGHT, ACROSS, DOWN, EDGE] = [128, 44, 178, 68, 6];
const LATE_SECONDS = 300;
const CONSUMERS = { "function:on_history": "history", "function:on_user_event": "insights", "function:on_mail": "mail", "function:on_webhook": "webhooks" };
const PUBLISHERS = { user: "user", consent: "user", session: "session", item: "item", import: "job", export: "job", client: "client" };
const OF_ADMINISTRATORS = new Set(["imports", "events", "webhooks", "applications"]);

/** The map and its table, from the answers of `GET /operations` and `GET /insights/flow`. */
export function mapOf(operations, flow) {
  const states = Object.fromEntries(Object.keys(PARTS).map((id) => [id, stateOf(id, operations, flow)]));
  const size = [0, 1].map((axis) => Math.max(...Object.values(PARTS).map((place) => place[axis])));
  const picture = drawn("svg", { viewBox: `0 0 ${size[0] * ACROSS + WIDTH + 2 * EDGE} ${size[1] * DOWN + HEIGHT + 2 * EDGE}`, class: "map", role: "group", "aria-label": words("overview.map") },
    drawn("defs", {}, drawn("marker", { id: "tip", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto-start-reverse" }, drawn("path", { d: "M0 0 8 4 0 8z", class: "tip" }))),
    ARROWS.map(([source, target]) => arrow(source, target, states)),
    ARROWS.map(([source, target]) => passing(source, target, passed(source, target, operations, flow))),
    Object.keys(PARTS).map((id) => box(id, states[id])));
  return [
    el("div", { class: "map-frame", tabindex: "0", role: "region", "aria-label": words("overview.map") }, picture),
    el("details", {}, el("summary", {}, words("console.numbers")), numbers(states)),
  ];
}

/** What a part did in the last hour: `done`, `age` in seconds, `failed`, `waiting`, and what is red of it. */
function stateOf(id, operations, flow) {
  const [kind, name] = id.split(":");
  const of = (list) => operations[list].find((each) => each.id === id) ?? {};
  if (kind === "http") return { done: operations.api.requests, failed: operations.api.server_errors, age: null, waiting: null };
  if (kind === "topic") return { done: of("topics").published ?? flow.published.events, failed: of("topics").failed, age: null, waiting: null };
  if (kind === "queue") {
    const queue = of("queues");
    return { done: queue.sent ?? flow.consumers[name]?.events ?? null, failed: queue.dead_letters, age: queue.oldest_seconds, waiting: (queue.waiting ?? 0) + (queue.in_flight ?? 0) };
  }
  if (kind === "function") {
    const { invocations = null, errors = null, throttles, iterator_age_ms: behind } = of("functions");
    const consumer = flow.consumers[CONSUMERS[id]];
    return { done: invocations ?? consumer?.events ?? null, failed: (errors ?? 0) + (throttles ?? 0), age: seconds(consumer?.average_milliseconds ?? behind), waiting: null };
  }
  if (kind === "table") {
    const { written_units: written = null, read_throttles, write_throttles } = of("tables");
    return { done: written === null ? null : Math.round(written), failed: (read_throttles ?? 0) + (write_throttles ?? 0), age: null, waiting: null };
  }
  if (kind === "mail") return { done: flow.consumers.mail.outcomes.sent ?? null, failed: flow.consumers.mail.outcomes.rejected ?? 0, age: null, waiting: null };
  return { done: null, failed: null, age: null, waiting: null };
}

function seconds(milliseconds) {
  return milliseconds === null || milliseconds === undefined ? null : milliseconds / 1000;
}

function isBad({ failed, age }) {
  return failed > 0 || age > LATE_SECONDS;
}

/** A part, as a link to what it shows. */
function box(id, state) {
  const [column, row] = PARTS[id];
  const [kind, name] = id.split(":");
  const [x, y] = [EDGE + column * ACROSS, EDGE + row * DOWN];
  return drawn("a", { href: hrefOf(id), class: `part ${kind} ${isBad(state) ? "bad" : ""}`, "aria-label": `${name}: ${sentence(state)}` },
    drawn("rect", { x, y, width: WIDTH, height: HEIGHT, rx: kind === "queue" || kind === "topic" ? HEIGHT / 2 : 8 }),
    drawn("text", { x: x + WIDTH / 2, y: y + 18 }, name),
    drawn("text", { x: x + WIDTH / 2, y: y + 34, class: "figure" }, brief(state)));
}

function hrefOf(id) {
  const [part, query] = PARTS[id][2];
  return OF_ADMINISTRATORS.has(part) && !READER.isAdmin ? address("operations") : address(part, query);
}

function brief({ done, age, failed, waiting }) {
  const parts = [];
  if (age !== null && age !== undefined) parts.push(lasting(age));
  if (waiting) parts.push(words("overview.waiting-brief", { count: waiting }));
  if (failed) parts.push(words("overview.failed-brief", { count: failed }));
  return parts.join(" · ") || (done ? words("overview.well") : "–");
}

function sentence({ done, age, failed, waiting }) {
  return [
    `${words("overview.last-hour")} ${number(done)}`,
    age !== null && age !== undefined && `${words("overview.age")} ${lasting(age)}`,
    `${words("overview.waiting")} ${number(waiting ?? 0)}`,
    `${words("overview.failed")} ${number(failed ?? 0)}`,
  ].filter(Boolean).join(", ");
}

function arrow(source, target, states) {
  const [[fromColumn, fromRow], [toColumn, toRow]] = [PARTS[source], PARTS[target]];
  const below = fromColumn === toColumn;
  const [x1, y1] = below ? [fromColumn * ACROSS + WIDTH / 2, fromRow * DOWN + HEIGHT] : [fromColumn * ACROSS + WIDTH, fromRow * DOWN + HEIGHT / 2];
  const [x2, y2] = below ? [toColumn * ACROSS + WIDTH / 2, toRow * DOWN] : [toColumn * ACROSS, toRow * DOWN + HEIGHT / 2];
  const [a, b, c, d] = [x1, y1, x2, y2].map((each) => each + EDGE);
  const bend = (c - a) / 2;
  const path = below ? `M${a} ${b}V${d}` : `M${a} ${b}C${a + bend} ${b} ${c - bend} ${d} ${c} ${d}`;
  return drawn("path", { d: path, class: `arrow ${isBad(states[target]) && states[source].done !== 0 ? "bad" : ""} ${states[target].done ? "moving" : ""}`, "marker-end": "url(#tip)" });
}

/** How many things went along an arrow in the last hour; null where nobody counts that. */
function passed(source, target, operations, flow) {
  const find = (list, id) => operations[list].find((each) => each.id === id) ?? {};
  if (source === "http:requests") return operations.api.requests;
  if (source === "topic:user-events") return find("queues", target).sent ?? flow.consumers[target.split(":")[1]]?.events ?? null;
  if (target === "topic:user-events") return published(source, flow);
  if (CONSUMERS[target]) return flow.consumers[CONSUMERS[target]].events;
  if (CONSUMERS[source]) return Object.values(flow.consumers[CONSUMERS[source]].outcomes).reduce((sum, count) => sum + count, 0);
  if (source.startsWith("table:")) return find("functions", target).invocations ?? null;
  return source.startsWith("queue:") ? find("queues", source).done ?? null : null;
}

function published(source, flow) {
  const entries = Object.entries(flow.published.types).filter(([type]) => source === `function:on_${PUBLISHERS[type.split(".")[0]]}_change`);
  return entries.reduce((sum, [, count]) => sum + count, 0);
}

function passing(source, target, count) {
  if (count === null || count === undefined) return null;
  const [[fromColumn, fromRow], [toColumn, toRow]] = [PARTS[source], PARTS[target]];
  const x = ((fromColumn + toColumn) * ACROSS + WIDTH) / 2 + EDGE;
  const y = ((fromRow + toRow) * DOWN + HEIGHT) / 2 + EDGE;
  return drawn("text", { x, y: y - 4, class: "passed" }, number(count));
}

function numbers(states) {
  return table(words("overview.map"), [
    { title: words("overview.part"), cell: ([id]) => link(id.split(":")[1], PARTS[id][2][0]) },
    { title: words("overview.kind"), cell: ([id]) => words(`overview.kind-${id.split(":")[0]}`) },
    { title: words("overview.last-hour"), cell: ([, { done }]) => number(done), kind: "number" },
    { title: words("overview.age"), cell: ([, { age }]) => lasting(age), kind: "number" },
    { title: words("overview.waiting"), cell: ([, { waiting }]) => number(waiting), kind: "number" },
    { title: words("overview.failed"), cell: ([, { failed }]) => number(failed), kind: "number" },
  ], Object.entries(states));
}
