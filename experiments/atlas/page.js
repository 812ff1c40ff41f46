"use strict";
const DATA = JSON.parse(document.getElementById("data").textContent);
const SVG = "http://www.w3.org/2000/svg";
const WEEKS = DATA.dates.length, RUNS = DATA.runs;
const A = "#b34700", B = "#00568a";

function make(tag, into, text, attributes) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
  if (text !== undefined && text !== null) node.textContent = text;
  if (into) into.append(node);
  return node;
}
function draw(tag, into, attributes, text) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  into.append(node);
  return node;
}

// Numbers: 16 bits each, [point, run, week].
for (const measure of DATA.measures) {
  const bytes = Uint8Array.from(atob(measure.data), (c) => c.charCodeAt(0));
  measure.steps = new DataView(bytes.buffer);
  delete measure.data;
}
function number(measure, point, run, week) {
  const at = ((point * RUNS + run) * WEEKS + week) * 2;
  return measure.low + measure.scale * measure.steps.getUint16(at, true);
}
function quantile(sorted, q) {
  const at = q * (sorted.length - 1), low = Math.floor(at), high = Math.ceil(at);
  return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}
function fan(measure, point) {
  const lines = [0.05, 0.25, 0.5, 0.75, 0.95].map(() => []);
  for (let week = 0; week < WEEKS; week++) {
    const values = [];
    for (let run = 0; run < RUNS; run++) values.push(number(measure, point, run, week));
    values.sort((x, y) => x - y);
    [0.05, 0.25, 0.5, 0.75, 0.95].forEach((q, n) => lines[n].push(quantile(values, q)));
  }
  return lines;
}
// Two-sided 95 % quantile of Student's t, by Cornish-Fisher; exact to 0.01 from 7 degrees on.
function student(df) {
  const z = 1.959964, g1 = (z ** 3 + z) / 4, g2 = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const g3 = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return z + g1 / df + g2 / df ** 2 + g3 / df ** 3;
}
function paired(measure, a, b) {
  const differences = [];
  for (let run = 0; run < RUNS; run++) {
    differences.push(number(measure, b, run, WEEKS - 1) - number(measure, a, run, WEEKS - 1));
  }
  const mean = differences.reduce((x, y) => x + y, 0) / RUNS;
  const variance = differences.reduce((x, y) => x + (y - mean) ** 2, 0) / (RUNS - 1);
  const half = student(RUNS - 1) * Math.sqrt(variance / RUNS);
  const grain = 1.5 * measure.scale; // a difference within the grain of storage is none
  const above = differences.filter((d) => d > grain).length, below = differences.filter((d) => d < -grain).length;
  return { mean, low: mean - half, high: mean + half, above, below, same: above + below === 0 };
}
function alike(measure, a, b) {
  for (let run = 0; run < RUNS; run++) {
    for (let week = 0; week < WEEKS; week++) {
      if (Math.abs(number(measure, b, run, week) - number(measure, a, run, week)) > 1.5 * measure.scale) return false;
    }
  }
  return true;
}
function short(value) {
  const size = Math.abs(value);
  if (size >= 1e6) return (value / 1e6).toPrecision(3) + " m";
  if (size >= 1e4) return (value / 1e3).toPrecision(3) + " k";
  if (size >= 100 || value === 0) return Math.round(value).toString();
  return value.toPrecision(3);
}
function plain(value) {
  const [digits, ...rest] = short(value).split(" ");
  return [Number(digits), ...rest].join(" ").replace("-", "−");
}
function sentence(measure, a, b) {
  if (a === b) return "A and B are the same world.";
  const d = paired(measure, a, b);
  if (d.same) {
    return alike(measure, a, b)
      ? "No run differs in any week: nothing leads from this choice to this curve."
      : "Every run is the same at the end, though some weeks differ.";
  }
  const unit = measure.unit.replace(/,.*/, "");
  const sign = d.mean > 0 ? "higher" : "lower", share = d.mean > 0 ? d.above : d.below;
  if (d.low <= 0 && d.high >= 0) {
    const interval = [d.mean, d.low, d.high].map((value) => short(value).replace("-", "−"));
    return `B less A at the end: ${interval[0]} [${interval[1]}, ${interval[2]}] ${unit}. The interval holds 0: this may be luck.`;
  }
  const [least, most] = [Math.abs(d.low), Math.abs(d.high)].sort((x, y) => x - y).map(short);
  return `B is ${sign} at the end by ${short(Math.abs(d.mean))} [${least}, ${most}] ${unit}, in ${share} of ${RUNS} runs: not luck.`;
}

// State: the answers of A and B, the run that is followed.
const shipped = DATA.choices.map((choice) => choice.shipped);
const chosen = { A: [...shipped], B: [...shipped] };
let compared = false, run = 0, followed = false;
function point(answers) {
  return answers.reduce((sum, answer, n) => sum * DATA.sizes[n] + answer, 0);
}

const controls = {};
function world(name) {
  const box = make("fieldset", document.getElementById("worlds"), null, { class: name.toLowerCase() });
  box.id = "world-" + name;
  make("legend", box, "World " + name);
  controls[name] = DATA.choices.map((choice, n) => {
    const row = make("div", box, null, { class: "choice" });
    const id = `${name}-${n}`;
    make("label", row, choice.question, { for: id });
    const slider = make("input", row, null, { type: "range", min: 0, max: DATA.sizes[n] - 1, step: 1, id });
    const output = make("output", row, "", { for: id });
    slider.addEventListener("input", () => {
      chosen[name][n] = Number(slider.value);
      show();
    });
    return { slider, output };
  });
}
function panel(measure) {
  const figure = make("figure", document.getElementById("panels"));
  const caption = make("figcaption", figure, `${measure.label} `);
  make("span", caption, `(${measure.unit})`, { style: "font-weight:400" });
  measure.svg = draw("svg", figure, { viewBox: "0 0 580 270", role: "img" });
  measure.said = make("p", figure, "", { class: "said" });
}

function path(xs, ys) {
  return ys.map((y, n) => (n ? "L" : "M") + xs[n].toFixed(1) + " " + y.toFixed(1)).join("");
}
function ticks(low, high) {
  const raw = (high - low) / 4 || 1, size = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * size).find((s) => s >= raw);
  const found = [];
  for (let t = Math.ceil(low / step) * step; t <= high + step * 1e-9; t += step) found.push(Math.abs(t) < step * 1e-9 ? 0 : t);
  return found;
}
function paint(measure) {
  const svg = measure.svg, left = 66, right = 570, top = 10, bottom = 232;
  svg.replaceChildren();
  const a = fan(measure, point(chosen.A)), b = compared ? fan(measure, point(chosen.B)) : null;
  let low = Math.min(...a[0], ...(b ? b[0] : [])), high = Math.max(...a[4], ...(b ? b[4] : []));
  if (low > 0 && low < 0.5 * high) low = 0;
  if (high - low < 4 * measure.scale) { low -= 1e-9 + 0.5 * Math.abs(low) ; high += 1e-9 + 0.5 * Math.abs(high); }
  const x = DATA.dates.map((_, n) => left + ((right - left) * n) / Math.max(1, WEEKS - 1));
  const y = (value) => bottom - ((bottom - top) * (value - low)) / (high - low);
  for (const tick of ticks(low, high)) {
    draw("line", svg, { x1: left, x2: right, y1: y(tick), y2: y(tick), stroke: "#e5e5e5" });
    draw("text", svg, { x: left - 8, y: y(tick) + 5, "text-anchor": "end" }, plain(tick));
  }
  const years = DATA.dates.map((date, n) => [date.slice(0, 4), n]).filter(([year, n], i, all) => i === 0 || all[i - 1][0] !== year);
  let last = -99;
  for (const [year, n] of years) {
    if (x[n] - last < 60 || right - x[n] < 20) continue;
    last = x[n];
    draw("line", svg, { x1: x[n], x2: x[n], y1: bottom, y2: bottom + 5, stroke: "#777" });
    draw("text", svg, { x: x[n], y: bottom + 22, "text-anchor": n ? "middle" : "start" }, n ? year : DATA.dates[0].slice(0, 7));
  }
  const area = (lower, upper, colour, opacity) =>
    draw("path", svg, { d: path(x, upper.map(y)) + path([...x].reverse(), [...lower].reverse().map(y)).replace("M", "L") + "Z", fill: colour, "fill-opacity": opacity });
  const world = (lines, colour, dash) => {
    area(lines[0], lines[4], colour, 0.13);
    area(lines[1], lines[3], colour, 0.22);
    draw("path", svg, { d: path(x, lines[2].map(y)), fill: "none", stroke: colour, "stroke-width": 3, "stroke-dasharray": dash });
  };
  world(a, A, "none");
  if (b) world(b, B, "8 4");
  if (followed) {
    for (const [name, colour] of compared ? [["A", A], ["B", B]] : [["A", A]]) {
      const line = DATA.dates.map((_, week) => Math.min(high, Math.max(low, number(measure, point(chosen[name]), run, week))));
      draw("path", svg, { d: path(x, line.map(y)), fill: "none", stroke: colour, "stroke-width": 1.5 });
    }
  }
  const end = (lines) => `${short(lines[2][WEEKS - 1])}, in nine of ten runs ${short(lines[0][WEEKS - 1])} to ${short(lines[4][WEEKS - 1])}`;
  const said = compared ? sentence(measure, point(chosen.A), point(chosen.B)) : `At the end ${end(a)}.`;
  measure.said.textContent = said;
  svg.setAttribute("aria-label", `${measure.label}. World A at the end: ${end(a)}.` + (b ? ` World B: ${end(b)}.` : "") + " " + said);
}
function table() {
  const body = document.getElementById("numbers");
  body.replaceChildren();
  for (const measure of DATA.measures) {
    for (const name of compared ? ["A", "B"] : ["A"]) {
      const lines = fan(measure, point(chosen[name])), row = make("tr", body);
      make("td", row, `${measure.label} (${measure.unit}), ${name}`);
      for (const n of [0, 1, 2, 3, 4]) make("td", row, short(lines[n][WEEKS - 1]));
    }
  }
}
function timeline() {
  const list = document.getElementById("events");
  list.replaceChildren();
  document.getElementById("timeline").hidden = !followed;
  document.getElementById("run-said").textContent = `run ${run + 1} of ${RUNS}`;
  if (!followed) return;
  const events = DATA.events[point(chosen.A)][run];
  if (!events.length) make("li", list, "Nothing that is told here happened in this run.");
  const named = (code) => DATA.states[code] || code;
  for (const [date, kind, actor, target] of events) {
    const ends = [actor, target];
    make("li", list, `${date}: ${DATA.said[kind].replaceAll("{}", () => named(ends.shift()))}`);
  }
}
function setting(name) {
  const sets = DATA.sets[point(chosen[name])];
  const words = Object.entries(sets).map(([path, value]) => `${path}=${value}`);
  return [`armsflow scenario=${DATA.scenario}`, ...words, `runs=${RUNS}`, `seed=${DATA.seed}`].join(" ");
}
function show() {
  for (const name of ["A", "B"]) {
    controls[name].forEach(({ slider, output }, n) => {
      slider.value = chosen[name][n];
      const label = DATA.choices[n].options[chosen[name][n]];
      output.textContent = label;
      slider.setAttribute("aria-valuetext", label);
    });
  }
  document.getElementById("world-B").hidden = !compared;
  DATA.measures.forEach(paint);
  table();
  timeline();
  document.getElementById("command").textContent = setting("A") + (compared ? "\n" + setting("B") : "");
  const states = new URLSearchParams({ a: chosen.A.join(""), b: compared ? chosen.B.join("") : "" });
  history.replaceState(null, "", "#" + states);
}

world("A");
world("B");
DATA.measures.forEach(panel);
const box = (id, act) => document.getElementById(id).addEventListener("change", (event) => { act(event.target); show(); });
box("compare", (target) => { compared = target.checked; });
box("follow", (target) => { followed = target.checked; });
document.getElementById("run").addEventListener("input", (event) => { run = Number(event.target.value); show(); });
document.getElementById("reset").addEventListener("click", () => {
  chosen.A = [...shipped]; chosen.B = [...shipped]; show();
});
document.getElementById("run").max = RUNS - 1;
for (const question of DATA.questions) make("li", document.getElementById("questions"), question);
const kept = new URLSearchParams(location.hash.slice(1));
for (const [key, name] of [["a", "A"], ["b", "B"]]) {
  const text = kept.get(key) || "";
  if (/^\d+$/.test(text) && text.length === DATA.sizes.length && [...text].every((c, n) => Number(c) < DATA.sizes[n])) {
    chosen[name] = [...text].map(Number);
    if (name === "B") { compared = true; document.getElementById("compare").checked = true; }
  }
}
show();
