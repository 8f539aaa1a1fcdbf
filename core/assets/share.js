"use strict";
const id = name => document.getElementById(name);
const dark = matchMedia("(prefers-color-scheme: dark)");
const style = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const sans = "system-ui, 'Segoe UI', sans-serif";
const RANGES = [[10, "10 s"], [30, "30 s"], [60, "1 min"], [300, "5 min"], [900, "15 min"]];
/* A longer time without a value is a gap in the lines. */
const GAP = 10;

let regions = [], chosen = 0, range = 30, movingOnly = false, view = null, plots = [], rows = [], colourOf = new Map();

function element(tag, name, text) {
  const it = document.createElement(tag);
  if (name) it.className = name;
  if (text != null) it.textContent = text;
  return it;
}

function shown(number) {
  if (number == null) return "–";
  if (typeof number === "string") return number;
  const size = Math.abs(number);
  if (Number.isSafeInteger(number)) return String(number);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return number.toExponential(3);
  return String(Number(number.toPrecision(size >= 1e5 ? 9 : 5)));
}

/* What comes from the server. */

function heading(told) {
  const old = regions[told.region];
  const region = regions[told.region] = { ...told };
  if (old && old.key === told.key) {
    Object.assign(region, { times: old.times, series: old.series, wanted: old.wanted, began: old.began });
  } else {
    const before = new Map((old ? old.series : []).map(it => [it.path, it]));
    region.times = old ? old.times : [];
    region.began = old ? old.began : null;
    region.series = told.columns.map(column => before.get(column.path) || {
      ...column, min: null, max: null, now: null, values: region.times.map(() => null),
    });
    region.wanted = remembered(told.name);
  }
  tabs();
  if (told.region === chosen && (!old || old.key !== told.key)) rebuild();
  else if (told.region === chosen) about();
}

function numbers(told) {
  const region = regions[told.region];
  if (!region || region.key !== told.key) return;
  const { times, series } = region;
  const last = times[times.length - 1];
  if (last != null && told.time < last - 0.001) {
    /* A recording begins again. */
    times.length = 0;
    series.forEach(it => it.values.length = 0);
    region.began = null;
    if (told.region === chosen) view = null, pressed();
  } else if (last != null && told.time - last > GAP) {
    times.push(last + 0.001);
    series.forEach(it => it.values.push(null));
  }
  if (region.began == null) region.began = told.time;
  times.push(told.time);
  series.forEach((it, number) => {
    const value = told.values[number];
    it.now = value;
    it.values.push(it.is_number ? value : null);
    if (it.is_number && value != null) {
      if (it.min == null || value < it.min) it.min = value;
      if (it.max == null || value > it.max) it.max = value;
    }
  });
  /* At most this much is kept of each: the longest range, if there are not too many values. */
  const most = Math.min(20000, Math.max(600, 2e6 / Math.max(1, series.length) | 0));
  if (times.length > most * 1.2) {
    const left = times.length - most;
    times.splice(0, left);
    series.forEach(it => it.values.splice(0, left));
  }
  if (told.region === chosen) {
    if (!region.wanted && choose(region)) charts();
    wake();
  }
}

function connect() {
  const events = new EventSource("events" + location.search);
  events.addEventListener("region", it => heading(JSON.parse(it.data)));
  events.addEventListener("values", it => numbers(JSON.parse(it.data)));
  events.onopen = () => notice(null);
  events.onerror = () => notice("The connection is lost. Trying again …");
}

function notice(text) {
  id("notice").hidden = !text;
  id("notice").textContent = text || "";
}

/* Which lines are drawn: what this person chose last, or the first numbers that move. */

function remembered(name) {
  try { return JSON.parse(localStorage.getItem("winshm " + name)); } catch { return null; }
}
function remember(region) {
  try { localStorage.setItem("winshm " + region.name, JSON.stringify(region.wanted)); } catch { /* It may not store. */ }
}
function choose(region) {
  const waited = region.times[region.times.length - 1] - region.began;
  const numbers = region.series.filter(it => it.is_number);
  const moving = numbers.filter(it => it.min !== it.max);
  if (!(waited >= 1) || (!moving.length && waited < 4)) return;
  /* What has a unit is measured; what has none may be a counter. */
  const some = [moving.filter(it => it.unit), moving, numbers.filter(it => it.now)].find(it => it.length) || [];
  const groups = [...new Set(some.map(group))].slice(0, 3);
  region.wanted = some.filter(it => groups.includes(group(it))).slice(0, 4).map(it => it.path);
  return true;
}
/* Lines with the same axis: of one unit; without one, parts of 1, or elements of one array. */
function group(series) {
  if (series.unit) return series.unit;
  const isPart = series.min >= -1 && series.max <= 1;
  return isPart ? " " : " " + series.path.replace(/\[[^\]]*\]/g, "[]");
}
function toggle(series) {
  const region = regions[chosen];
  const wanted = region.wanted || [];
  region.wanted = wanted.includes(series.path) ? wanted.filter(it => it !== series.path) : [...wanted, series.path];
  remember(region);
  charts();
}

/* The regions, one of which is shown. */

function tabs() {
  const place = id("regions");
  regions.forEach((region, number) => {
    let tab = place.children[number];
    if (!tab) {
      tab = element("button");
      tab.type = "button";
      tab.append(element("span"), element("small"));
      tab.onclick = () => { chosen = number; view = null; pressed(); tabs(); rebuild(); tab.scrollIntoView({ block: "nearest", inline: "nearest" }); };
      place.append(tab);
    }
    tab.children[0].textContent = region.name;
    tab.children[1].textContent = region.state.replace("-", " ");
    tab.dataset.state = region.state;
    tab.setAttribute("aria-pressed", number === chosen);
  });
  if (regions[chosen]) document.title = regions[chosen].name + " · winshm";
}

function about() {
  const region = regions[chosen];
  const told = [];
  if (region.layout) told.push(region.layout);
  told.push(region.series.length === 1 ? "1 value" : region.series.length + " values");
  if (region.left_out) told.push(region.left_out + " more are left out; --fields chooses");
  if (region.problem) told.push(region.problem);
  id("about").textContent = told.join(" · ");
}

function rebuild() {
  about();
  const place = id("rows");
  seen.disconnect();
  rows = regions[chosen].series.map(series => {
    const root = element("button", series.is_number ? "row" : "row text");
    root.type = "button";
    const row = { series, root, swatch: element("i"), now: element("span", "now"), is_seen: false, told: undefined };
    row.value = document.createTextNode("–");
    row.now.append(row.value);
    if (series.unit) row.now.append(element("small", "", series.unit));
    root.append(row.swatch, element("span", "path", series.path), row.now);
    if (series.is_number) {
      const span = element("span", "span");
      row.low = element("span"), row.bar = element("span", "bar"), row.high = element("span");
      row.low.title = "least", row.high.title = "greatest";
      span.append(row.low, row.bar, row.high);
      root.append(span);
      root.onclick = () => toggle(series);
    }
    root.row = row;
    return row;
  });
  place.replaceChildren(...rows.map(it => it.root));
  rows.forEach(it => seen.observe(it.root));
  filter();
  if (!regions[chosen].wanted) choose(regions[chosen]);
  charts();
}

const seen = new IntersectionObserver(entries => {
  for (const it of entries) if (it.target.row) it.target.row.is_seen = it.isIntersecting;
  wake();
}, { rootMargin: "100px" });

function filter() {
  const text = id("filter").value.toLowerCase();
  for (const { root, series } of rows) {
    const isStill = movingOnly && !(series.is_number && series.min !== series.max);
    root.hidden = isStill || !series.path.toLowerCase().includes(text);
  }
}

function filterBy(text) {
  id("filter").value = text;
  filter();
  wake();
}

function list() {
  for (const { series, root, value, low, high, bar, is_seen } of rows) {
    if (!is_seen || root.hidden) continue;
    const now = shown(series.now);
    if (value.data !== now) value.data = now;
    if (!low) continue;
    const ends = [shown(series.min), shown(series.max)];
    if (low.textContent !== ends[0]) low.textContent = ends[0];
    if (high.textContent !== ends[1]) high.textContent = ends[1];
    const width = series.max - series.min;
    bar.style.setProperty("--at", width > 0 && series.now != null ? ((series.now - series.min) / width).toFixed(3) : 0);
  }
}

/* Charts: a panel for each unit; all of them show the same time. */

function charts() {
  const region = regions[chosen];
  const wanted = (region.wanted || []).map(path => region.series.find(it => it.path === path && it.is_number));
  const lines = wanted.filter(Boolean);
  /* A line keeps its colour while it is there. */
  for (const it of [...colourOf.keys()]) if (!lines.includes(it)) colourOf.delete(it);
  for (const it of lines) {
    if (colourOf.has(it)) continue;
    const taken = new Set(colourOf.values());
    let free = 0;
    while (taken.has(free)) free++;
    colourOf.set(it, free);
  }
  for (const { root, swatch, series, bar } of rows) {
    const colour = colourOf.has(series) ? paint(series) : "";
    swatch.style.background = swatch.style.borderColor = colour;
    if (bar) bar.style.setProperty("--mark", colour || "var(--faint)");
    if (series.is_number) root.setAttribute("aria-pressed", colourOf.has(series));
  }
  plots.forEach(it => it.plot.destroy());
  const panels = new Map();
  for (const it of lines) panels.set(group(it), [...(panels.get(group(it)) || []), it]);
  const place = id("charts");
  place.replaceChildren();
  plots = [...panels.values()].map((series, number) => panel(place, series, number === panels.size - 1));
  if (!plots.length) {
    place.append(element("p", "panel", region.times.length ? "Choose a value, and it is drawn here." :
      region.state === "absent" ? "The region is not there yet." : "Waiting for its first value …"));
  }
  fit();
  wake();
}

function paint(series) {
  const number = colourOf.get(series) || 0;
  return colours[number % colours.length][dark.matches ? 1 : 0];
}

function panel(place, series, isLast) {
  const root = element("div", "panel");
  const legend = element("div", "legend");
  if (series[0].unit) legend.append(element("b", "", series[0].unit));
  const outputs = series.map(it => {
    const chip = element("button");
    chip.type = "button";
    chip.title = "Take this line away";
    const line = element("i"), output = element("output");
    line.style.borderColor = paint(it);
    chip.append(line, element("span", "", it.path), output);
    chip.onclick = () => toggle(it);
    legend.append(chip);
    return output;
  });
  const body = element("div", "plot");
  root.append(legend, body);
  place.append(root);
  const plot = new uPlot(options(series, isLast), [[], ...series.map(() => [])], body);
  fingers(plot);
  return { plot, series, outputs, legend, root };
}

function options(series, isLast) {
  const [faint, grid] = ["--faint", "--grid"].map(style);
  const line = { stroke: grid, width: 1 };
  const colour = number => number / colours.length | 0;
  const drawn = series.map(it => ({
    stroke: paint(it), width: 1.75, points: { show: false },
    dash: colour(colourOf.get(it)) ? [6 * colour(colourOf.get(it)), 3] : undefined,
  }));
  return {
    width: 300,
    height: 200,
    padding: [12, 10, 0, 0],
    legend: { show: false },
    series: [{}, ...drawn],
    scales: { x: { time: true, auto: false }, y: { range: (self, low, high) => low == null ? [0, 1] : uPlot.rangeNum(low, high, 0.08, true) } },
    axes: [{
      stroke: faint, font: "12px " + sans, grid: line, ticks: line, space: 80, size: isLast ? 30 : 8,
      values: (self, ticks, axis, space, step) => ticks.map(it => isLast ? clock(it, step) : ""),
    }, {
      stroke: faint, font: "12px " + sans, grid: line, ticks: line, size: 56, space: 36,
      values: (self, ticks) => ticks.map(shown),
    }],
    cursor: {
      sync: { key: "time" }, drag: { x: true, y: false, setScale: false },
      bind: { dblclick: () => () => { view = null; pressed(); wake(); return null; } },
      points: { size: 7 },
    },
    hooks: {
      setCursor: [wake],
      setSelect: [self => {
        const { left, width } = self.select;
        if (width < 4) return;
        look(self.posToVal(left, "x"), self.posToVal(left + width, "x"));
        self.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
      }],
    },
  };
}

function clock(seconds, step) {
  const it = new Date(seconds * 1000), two = number => String(number).padStart(2, "0");
  const text = `${two(it.getHours())}:${two(it.getMinutes())}`;
  if (step >= 60) return text;
  const rest = it.getSeconds() + it.getMilliseconds() / 1000;
  const places = step >= 1 ? 0 : Math.min(3, Math.ceil(-Math.log10(step) - 1e-9));
  return text + ":" + rest.toFixed(places).padStart(places ? 3 + places : 2, "0");
}

/* One finger moves the time, two stretch it. */
function fingers(plot) {
  const down = new Map();
  let begun = null;
  const place = plot.over;
  const start = () => {
    const xs = [...down.values()], { min, max } = plot.scales.x;
    begun = { min, max, at: xs.reduce((a, b) => a + b, 0) / xs.length, wide: Math.abs(xs[0] - xs[xs.length - 1]) };
  };
  place.addEventListener("pointerdown", it => {
    if (it.pointerType === "mouse") return;
    down.set(it.pointerId, it.clientX);
    start();
  });
  place.addEventListener("pointermove", it => {
    if (!down.has(it.pointerId)) return;
    down.set(it.pointerId, it.clientX);
    const xs = [...down.values()], at = xs.reduce((a, b) => a + b, 0) / xs.length;
    const wide = Math.abs(xs[0] - xs[xs.length - 1]);
    if (xs.length === 1 && Math.abs(at - begun.at) < 8) return;
    const scale = xs.length > 1 && wide > 8 && begun.wide > 8 ? begun.wide / wide : 1;
    const edge = place.getBoundingClientRect();
    const unit = (begun.max - begun.min) / edge.width;
    const fixed = begun.min + (begun.at - edge.left) * unit;
    const min = fixed - (at - edge.left) * unit * scale;
    look(min, min + (begun.max - begun.min) * scale);
  });
  for (const name of ["pointerup", "pointercancel", "pointerleave"]) {
    place.addEventListener(name, it => { if (down.delete(it.pointerId) && down.size) start(); });
  }
}

/* Shows this time, and no longer what is new. */
function look(min, max) {
  if (!(max - min > 0.001)) return;
  view = { min, max };
  pressed();
  wake();
}

function window_() {
  if (view) return view;
  const times = regions[chosen].times, last = times[times.length - 1] || 0;
  /* Until there is enough to fill it, the picture grows. */
  const kept = Math.max(3, last - (times[0] || 0));
  return { min: last - Math.min(range, kept), max: last };
}

function draw() {
  const region = regions[chosen];
  if (!region) return;
  const { min, max } = window_();
  for (const { plot, series, outputs } of plots) {
    plot.batch(() => {
      plot.setData([region.times, ...series.map(it => it.values)], false);
      plot.setScale("x", { min, max });
    });
    const at = plot.cursor.left >= 0 ? plot.cursor.idx : null;
    series.forEach((it, number) => {
      const value = at == null ? (view ? null : it.now) : it.values[at];
      const text = at == null && view ? "" : shown(value);
      if (outputs[number].value !== text) outputs[number].value = text;
    });
  }
  if (!view) list();
}

let isAwake = false;
function wake() {
  if (isAwake) return;
  isAwake = true;
  requestAnimationFrame(() => { isAwake = false; draw(); });
}

function fit() {
  if (!plots.length) return;
  const isNarrow = innerWidth <= 820;
  const legends = plots.reduce((sum, it) => sum + it.legend.offsetHeight + 30, 0);
  const left = (isNarrow ? innerHeight * 0.62 : innerHeight - 92) - legends - 22;
  const height = Math.max(isNarrow ? 130 : 140, Math.min(420, left / plots.length));
  plots.forEach(({ plot, root }, number) => {
    const box = getComputedStyle(root);
    const width = root.clientWidth - parseFloat(box.paddingLeft) - parseFloat(box.paddingRight);
    plot.setSize({ width, height: height + (number === plots.length - 1 ? 22 : 0) });
  });
}

function pressed() {
  id("pause").setAttribute("aria-pressed", view != null);
  id("pause").textContent = view ? "Live" : "Pause";
  id("pause").title = view ? "Show what is new again" : "Hold the picture; values go on to be kept";
  for (const it of id("ranges").children) it.setAttribute("aria-pressed", it.seconds === range && !view);
}

for (const [seconds, text] of RANGES) {
  const button = element("button", "", text);
  button.type = "button";
  button.seconds = seconds;
  button.onclick = () => {
    range = seconds;
    if (view) view = { min: view.max - seconds, max: view.max };
    pressed();
    wake();
  };
  id("ranges").append(button);
}
id("pause").onclick = () => { view = view ? null : { ...window_() }; pressed(); wake(); };
id("filter").oninput = () => filterBy(id("filter").value);
id("moving").onclick = () => {
  movingOnly = !movingOnly;
  id("moving").setAttribute("aria-pressed", movingOnly);
  filter();
  wake();
};
id("reset").onclick = () => {
  for (const it of regions[chosen] ? regions[chosen].series : []) it.min = it.max = it.is_number ? it.now : null;
  wake();
};
addEventListener("resize", () => { fit(); wake(); });
dark.addEventListener("change", () => { if (regions[chosen]) charts(); });
/* What has begun to move meanwhile is shown as well. */
setInterval(() => { if (movingOnly && !view) filter(); }, 1000);
pressed();
connect();
