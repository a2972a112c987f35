// Charts, each with its numbers as a table below it. uPlot draws them, and is loaded when the first of them is seen: it
// weighs as much as all else of a page.
import { LOCALE, words } from "../shared/words.js";
import { el, number } from "./elements.js";
import { table } from "./lists.js";

const HEIGHT = 220;
const COLOURS = ["--accent", "--chart-2", "--chart-3", "--chart-4"];
const COMPACT = new Intl.NumberFormat(LOCALE, { notation: "compact" });

/**
 * Numbers over time. `starts` are times, oldest first; each of `series` is `{label, counts}`, with a count for each of
 * them. `written` says what a time is called.
 */
export function overTime({ title, starts, series, written, visit }) {
  const x = starts.map((start) => Date.parse(start) / 1000);
  const values = series.map(({ counts }) => counts);
  const options = {
    axes: [{ values: (_plot, ticks) => ticks.map((tick) => written(new Date(tick * 1000).toISOString())) }, {}],
    series: series.map(({ label }, index) => ({ label, colour: COLOURS[index], fill: index === 0 })),
  };
  const rows = starts.map((start, index) => ({ name: written(start), values: values.map((each) => each[index]) })).reverse();
  return figure(title, options, [x, ...values], series, rows, visit);
}

/** Numbers of groups that have an order, such as ages: `groups` are `[{name, value}]`. */
export function histogram({ title, label, groups, visit }) {
  const options = {
    x: { time: false, range: [-0.6, groups.length - 0.4] },
    axes: [{ values: (_plot, ticks) => ticks.map((tick) => groups[tick]?.name ?? ""), splits: () => groups.map((_, index) => index) }, {}],
    series: [{ label, colour: COLOURS[0], fill: true, bars: true }],
  };
  const rows = groups.map(({ name, value }) => ({ name, values: [value] }));
  return figure(title, options, [groups.map((_, index) => index), groups.map(({ value }) => value)], [{ label }], rows, visit);
}

function figure(title, options, data, series, rows, visit) {
  const canvas = el("div", { class: "chart", role: "img", "aria-label": title });
  const legend = series.length > 1 && el("ul", { class: "legend" }, series.map(({ label }, index) => el("li", { data: { series: String(index) } }, label)));
  const numbers = el("details", {}, el("summary", {}, words("console.numbers")),
    table(title, [{ title: "", cell: ({ name }) => name }, ...series.map(({ label }, index) => ({ title: label, cell: ({ values }) => number(values[index]), kind: "number" }))], rows));
  whenSeen(canvas, visit, async () => draw((await import("./uplot.js")).default, canvas, options, data, visit));
  return el("figure", {}, el("figcaption", {}, title), legend, canvas, numbers);
}

/** Do something once a good part of an element is seen. */
function whenSeen(part, visit, act) {
  const observer = new IntersectionObserver(([{ isIntersecting }]) => {
    if (!isIntersecting) return;
    observer.disconnect();
    act();
  }, { rootMargin: "-100px 0px" });
  observer.observe(part);
  visit.signal.addEventListener("abort", () => observer.disconnect());
}

/** Draw as wide as there is room, and anew in other colours when the reader's change. */
function draw(uPlot, canvas, { x = { time: true }, axes, series }, data, visit) {
  let plot = null;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const make = () => {
    plot?.destroy();
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 }, font: "12px system-ui, sans-serif" };
    plot = new uPlot({
      width: canvas.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { show: false },
      scales: { x, y: { range: (_plot, _low, high) => [0, Math.max(high * 1.1, 1)] } },
      axes: [{ ...axis, ...axes[0] }, { ...axis, ...axes[1], size: 46, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 1e7, 1e8], values: (_plot, ticks) => ticks.map((tick) => COMPACT.format(tick)) }],
      series: [{}, ...series.map(({ label, colour: name, fill, bars }) => ({
        label,
        stroke: colour(name),
        width: 2,
        points: { show: false },
        fill: fill ? `${colour(name)}33` : undefined,
        paths: bars ? uPlot.paths.bars({ size: [0.8, 80] }) : undefined,
      }))],
    }, data, canvas);
  };
  const observer = new ResizeObserver(([{ contentRect }]) => {
    if (!contentRect.width) return;
    if (plot) plot.setSize({ width: contentRect.width, height: HEIGHT });
    else make();
  });
  observer.observe(canvas);
  dark.addEventListener("change", make, { signal: visit.signal });
  visit.signal.addEventListener("abort", () => {
    observer.disconnect();
    plot?.destroy();
  });
}
