"use strict";
const place = document.getElementById("chart");
const dark = matchMedia("(prefers-color-scheme: dark)");
const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const two = number => String(number).padStart(2, "0");

/* A time since the beginning, as precise as the distance of two ticks. */
function elapsed(seconds, step) {
  const sign = seconds < 0 ? "-" : "";
  const places = step >= 1 ? 0 : Math.min(6, Math.ceil(-Math.log10(step) - 1e-9));
  const all = Math.abs(seconds);
  const hours = Math.floor(all / 3600), minutes = Math.floor(all / 60) % 60;
  const rest = (all % 60).toFixed(places).padStart(places ? 3 + places : 2, "0");
  return sign + (hours ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`);
}

function shown(number) {
  if (number == null) return "–";
  const size = Math.abs(number);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return number.toExponential(3);
  return String(Number(number.toPrecision(6)));
}

const sans = "system-ui, 'Segoe UI', sans-serif";
const steps = [1e-6, 1e-5, 1e-4, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600,
  1800, 3600, 7200, 21600, 86400, 172800, 604800];

/* A panel for each unit; all of them show the same time. */
function options(panel, width) {
  const [faint, grid] = ["--faint", "--grid"].map(colour);
  const line = { stroke: grid, width: 1 };
  const isLast = panel === chart.panels.length - 1;
  const begin = new Date(chart.begin * 1000).toISOString().replace("T", " ").replace("Z", " UTC");
  const series = chart.panels[panel].series.map(it => ({
    label: it.name,
    stroke: dark.matches ? it.dark : it.light,
    width: 1.5,
    dash: it.dash ? [6 * it.dash, 3] : undefined,
    value: (self, value) => shown(value),
  }));
  series.unshift({ label: "time", value: (self, value) => value == null ? "–" : elapsed(value, .001) });
  return {
    width,
    height: 200,
    series,
    scales: { x: { time: false }, y: { range: (self, low, high) => range(low, high) } },
    axes: [{
      stroke: faint, font: "12px " + sans, grid: line, ticks: line, space: 90, incrs: steps,
      label: isLast ? "time since " + begin : undefined, labelFont: "12px " + sans, labelSize: 22,
      size: isLast ? 30 : 8,
      values: (self, ticks, axis, space, step) => ticks.map(it => isLast ? elapsed(it, step) : ""),
    }, {
      stroke: faint, font: "12px " + sans, grid: line, ticks: line, size: 70,
      label: chart.panels[panel].unit || " ", labelFont: "13px " + sans, labelSize: 22,
      values: (self, ticks) => ticks.map(shown),
    }],
    cursor: { sync: { key: "time" }, drag: { x: true, y: false }, focus: { prox: 24 } },
    focus: { alpha: 0.35 },
    hooks: { setScale: [zoom] },
  };
}

function range(low, high) {
  return low == null ? [0, 1] : uPlot.rangeNum(low, high, 0.08, true);
}

let plots = [], zooming = false;
function zoom(self, key) {
  if (key !== "x" || zooming) return;
  zooming = true;
  const { min, max } = self.scales.x;
  for (const plot of plots) if (plot !== self) plot.setScale("x", { min, max });
  zooming = false;
}

function draw() {
  const seen = plots.length ? { min: plots[0].scales.x.min, max: plots[0].scales.x.max } : null;
  plots.forEach(plot => plot.destroy());
  plots = chart.panels.map((panel, number) => {
    const data = [chart.times, ...panel.series.map(it => it.values)];
    return new uPlot(options(number, place.clientWidth), data, place);
  });
  if (seen) plots[0].setScale("x", seen);
  fit();
}

/* Legends take as many lines as they need, and the panels share what is left of the window. */
function fit() {
  const legends = [...place.querySelectorAll(".u-legend")].reduce((sum, it) => sum + it.offsetHeight, 0);
  const left = innerHeight - place.getBoundingClientRect().top - scrollY - legends - 16;
  const height = Math.max(140, (left - 44) / plots.length);
  plots.forEach((plot, number) => {
    plot.setSize({ width: place.clientWidth, height: height + (number === plots.length - 1 ? 44 : 0) });
  });
}
addEventListener("resize", fit);
dark.addEventListener("change", draw);
draw();
