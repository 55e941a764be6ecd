// The space-time diagram: draws the visible window and nothing else, as a few paths.
const SVG = "http://www.w3.org/2000/svg";
const svg = $("diagram"), scroller = $("scroller"), spacer = $("spacer");
// Room for the axis, and for the names of faults if there are any.
const TOP = raw.faults.length ? 62 : 40, AXIS = 22;
// Beyond so many messages in view: thin lines, no heads; beyond so many labels: none.
const PLAIN_MAX = 300, LABELS_MAX = 70;
const lanes = { nodes: [], place: new Map(), height: 56, gutter: 90 };
let drawing = 0;

const part = (parent, tag, attributes, text) => {
  const node = document.createElementNS(SVG, tag);
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  if (text !== undefined) node.textContent = text;
  parent.append(node);
  return node;
};

// The lines, their height and the room for names, after a change of filters or of the window.
function layout() {
  const used = new Uint8Array(raw.names.length).fill(1, 0, raw.members);
  lanes.nodes = [...used.keys()].filter((node) => used[node] && filter.nodes[node]);
  lanes.place = new Map(lanes.nodes.map((node, lane) => [node, lane]));
  const most = Math.max(0.55 * window.innerHeight, 240) - TOP - 24;
  lanes.height = Math.min(64, Math.max(30, most / Math.max(lanes.nodes.length, 1)));
  const longest = Math.max(...lanes.nodes.map((node) => name(node).length), 3);
  lanes.gutter = Math.min(Math.max(44, longest * 8 + 18), scroller.clientWidth < 600 ? 84 : 150);
  scroller.style.height = `${Math.min(TOP + lanes.nodes.length * lanes.height, most + TOP) + 26}px`;
  resize();
}
function resize() {
  spacer.style.width = `${lanes.gutter + wholeWidth()}px`;
  spacer.style.height = `${Math.max(TOP + lanes.nodes.length * lanes.height, scroller.clientHeight - 2)}px`;
  redraw();
}
const room = () => Math.max(scroller.clientWidth - lanes.gutter, 100);
const laneOf = (node) => lanes.place.get(node);
const Y = (node) => TOP + (laneOf(node) + 0.5) * lanes.height - scroller.scrollTop;
const left = (x) => lanes.gutter + x - scroller.scrollLeft;
function redraw() {
  if (!drawing) drawing = requestAnimationFrame(() => { drawing = 0; draw(); });
}

// Where a message begins and ends on the screen; null if one end is hidden.
function span(message) {
  const { sent, start, end } = message;
  if (sent < 0 || !shown[sent] || (end >= 0 && !shown[end])) return null;
  const to = E.peer[sent];
  if (laneOf(E.node[sent]) === undefined || laneOf(to) === undefined) return null;
  const copy = start !== sent;
  const x1 = left(X(sent)), y1 = Y(E.node[sent]), goal = Y(to);
  const lost = end < 0 || E.what[end] === DROP;
  if (!lost) return { x1, y1, x2: left(X(end)), y2: goal, copy, lost: "", message };
  const why = end < 0 ? "flying" : "dropped";
  const far = end >= 0 && (E.value[end] === 4 || X(end) - X(start) > 3);
  if (far) return { x1, y1, x2: left(X(end)), y2: goal + Math.sign(y1 - goal) * 7, copy, lost: why, message };
  const stub = scale.axis === "order" ? Math.max(scale.order * 0.8, 12) : 22;
  return { x1, y1, x2: x1 + stub, y2: y1 + (goal - y1) * 0.45, copy, lost: why, message };
}

// How a message is lit: past, future, neither (dim), or not at all.
function lightOfMessage({ sent, start, end }) {
  if (!look.lit) return "";
  const arrived = end >= 0 && E.what[end] === DELIVER;
  if (arrived ? look.past[end] && end !== sent : start === look.current || end === look.current) return "past";
  if (look.future[sent]) return "future";
  return "dim";
}
const lightOf = (i) => (!look.lit ? "" : look.past[i] ? "past" : look.future[i] ? "future" : "dim");

function draw() {
  const W = scroller.clientWidth, H = scroller.clientHeight;
  svg.setAttribute("width", W);
  svg.setAttribute("height", H);
  svg.replaceChildren();
  const inner = part(svg, "g", {});
  const view = { from: scroller.scrollLeft - 40, to: scroller.scrollLeft + W - lanes.gutter + 40, W, H };
  taken.length = 0;
  drawFaults(inner, view);
  const dense = firstAt(view.to) - firstAt(view.from) > 700;
  drawLanes(inner, view);
  drawMarks(inner, view, dense);
  const spans = drawMessages(inner, view);
  drawEvents(inner, view, dense);
  if (!dense) drawLabels(inner, view, spans);
  drawPointers(inner, view);
  drawFrame(svg, view);
}

function drawFaults(to, view) {
  for (const fault of raw.faults) {
    if (!filter.others[groupOf[FAULT]]) break;
    const from = left(xOfTime(fault.at_ns));
    const until = fault.until_ns === null ? from + 3 : left(xOfTime(fault.until_ns));
    if (until < lanes.gutter || from > view.W) continue;
    const nodes = fault.nodes === null ? null : fault.nodes.filter((node) => laneOf(node) !== undefined);
    const width = Math.max(until - from, 3);
    for (const [y, height] of nodes === null
      ? [[TOP - 12, view.H]] : nodes.map((node) => [Y(node) - lanes.height / 2 + 2, lanes.height - 4])) {
      const band = part(to, "rect", { class: "fault", x: from, y, width, height });
      part(band, "title", {}, fault.words);
    }
  }
}

function drawLanes(to, view) {
  let up = "", down = "";
  for (const node of lanes.nodes) {
    const y = Y(node);
    if (y < TOP - 20 || y > view.H + 20) continue;
    let x = left(PAD - 8);
    for (const [from, until] of lives(node)) {
      const a = left(X(from)), b = until < 0 ? left(wholeWidth() - PAD + 8) : left(X(until));
      if (a > x) down += `M${x} ${y}H${a}`;
      up += `M${a} ${y}H${b}`;
      x = b;
    }
    const end = left(wholeWidth() - PAD + 8);
    if (x < end) down += `M${x} ${y}H${end}`;
  }
  part(to, "path", { class: "lane", d: up });
  part(to, "path", { class: "lane down", d: down });
}

// From which entry to which a node was up; -1: to the end.
const lived = new Map();
function lives(node) {
  if (lived.size === 0) {
    for (let i = 0; i < COUNT; i++) {
      const all = lived.get(E.node[i]) || [];
      if (E.what[i] === BOOT) lived.set(E.node[i], [...all, [i, -1]]);
      if (E.what[i] === CRASH && all.length) all[all.length - 1][1] = i;
    }
  }
  return lived.get(node) || [];
}

// What nodes hold, are and do: bars along their lines, of one colour for each sort.
const sorts = [...new Set(raw.marks.map((mark) => mark.what))];
function drawMarks(to, view, dense) {
  for (const mark of raw.marks) {
    if (laneOf(mark.node) === undefined || mark.from === mark.until) continue;
    const from = left(X(mark.from)), until = mark.until === null ? left(wholeWidth() - PAD) : left(X(mark.until));
    if (until < lanes.gutter || from > view.W) continue;
    const high = mark.waiting ? 4 : Math.min(12, lanes.height * 0.24);
    const y = Y(mark.node), width = Math.max(until - from, 3);
    const bar = part(to, "rect", {
      class: `mark s${sorts.indexOf(mark.what) % 4} ${mark.waiting ? "waiting" : ""}`,
      x: from, y: y - high / 2, height: high, width, rx: high / 3,
    });
    part(bar, "title", {}, `${name(mark.node)}: ${mark.label}`);
    const x = Math.max(from, lanes.gutter) + 4;
    const long = mark.label.length * 6.2;
    if (!mark.waiting && !dense && Math.min(until, view.W) - x > long + 4 && free(x, y + high / 2, long)) {
      part(to, "text", { class: "t markname", x, y: y + high / 2 + 11 }, mark.label);
    }
  }
}

function drawMessages(to, view) {
  const spans = [];
  for (const message of messages) {
    if (message.sent < 0) continue;
    const last = message.end < 0 ? message.start : message.end;
    if (X(message.sent) > view.to || X(last) < view.from - 60) continue;
    const one = span(message);
    if (one) spans.push(one);
  }
  const plain = spans.length > PLAIN_MAX, paths = new Map(), drawn = new Set();
  for (const one of spans) {
    const { x1, y1, x2, y2, copy, lost, message } = one;
    const light = lightOfMessage(message);
    const style = `k${E.kind[message.sent] % 8} ${light} ${lost} ${copy ? "copy" : ""}`;
    if (plain) {
      const key = `${style}${x1 >> 1},${y1},${x2 >> 1},${y2}`;
      if (drawn.has(key)) continue;
      drawn.add(key);
    }
    const d = paths.get(style) || ["", ""];
    paths.set(style, d);
    if (y1 === y2 && !lost) {
      d[0] += `M${x1} ${y1}Q${(x1 + x2) / 2} ${y1 - 0.6 * lanes.height} ${x2} ${y2}`;
      continue;
    }
    d[0] += `M${x1} ${y1}L${x2} ${y2}`;
    if (lost === "dropped") d[1] += `M${x2 - 4} ${y2 - 4}l8 8m0 -8l-8 8`;
    else if (!lost && !plain) d[1] += head(x1, y1, x2, y2);
  }
  // What is lit lies above what is not.
  const sorted = [...paths].sort(([a], [b]) => b.includes("dim") - a.includes("dim"));
  for (const [style, [lines, ends]] of sorted) {
    part(to, "path", { class: `m ${style} ${plain ? "thin" : ""}`, d: lines });
    if (ends) part(to, "path", { class: `m end ${style.replace("copy", "")}`, d: ends });
  }
  return spans;
}

// A small solid head that stops short of the line it points at.
function head(x1, y1, x2, y2) {
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const ux = (x2 - x1) / length, uy = (y2 - y1) / length;
  const bx = x2 - ux * 8, by = y2 - uy * 8;
  return `M${x2} ${y2}L${bx - uy * 3} ${by + ux * 3}L${bx + uy * 3} ${by - ux * 3}Z`;
}

// What stands for an event, around its place on the line.
function glyph(code, x, y) {
  switch (code) {
    case BOOT: return `M${x} ${y - 9}v18`;
    case CRASH: return `M${x - 6} ${y - 6}l12 12m0 -12l-12 12`;
    case PAUSE: return `M${x - 2} ${y - 7}v14m5 0v-14`;
    case RESUME: return `M${x - 3} ${y - 6}l8 6l-8 6z`;
    case TIMER: return `M${x - 4} ${y + 9}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0m4 -3v3h2`;
    case REQUEST: return `M${x - 5} ${y - 14}h10l-5 8z`;
    case EVENT: return `M${x} ${y - 17}l5 5.5l-5 5.5l-5 -5.5z`;
    case COMPLETE: return `M${x - 3.5} ${y - 11}a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0`;
    case WRITE: return `M${x - 3.5} ${y + 5}h7v7h-7z`;
    default: return `M${x - 2.6} ${y}a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0 -5.2 0`;
  }
}
// How far beneath the line its middle is.
const RISE = { [REQUEST]: -10, [EVENT]: -11.5, [COMPLETE]: -11, [TIMER]: 9, [WRITE]: 8.5 };
const HOLLOW = [BOOT, CRASH, PAUSE, TIMER, COMPLETE];

function drawEvents(to, view, dense) {
  const paths = new Map(), drawn = new Set();
  for (let k = firstAt(view.from); k < order.length && X(order[k]) <= view.to; k++) {
    const i = order[k], code = E.what[i];
    if (!isEvent(i) || laneOf(E.node[i]) === undefined) continue;
    const x = left(X(i)), y = Y(E.node[i]);
    if (y < TOP - 20 || y > view.H + 20) continue;
    if (dense && [REQUEST, COMPLETE, TIMER, WRITE].includes(code)) continue;
    const light = lightOf(i);
    const style = `e${code} ${HOLLOW.includes(code) ? "hollow" : ""} ${light}`;
    const key = `${code} ${light} ${x >> 1} ${y}`;
    if (drawn.has(key)) continue;
    drawn.add(key);
    paths.set(style, (paths.get(style) || "") + (dense && code >= SEND && code !== EVENT ? `M${x - 1} ${y - 3}v6h2v-6z` : glyph(code, x, y)));
  }
  const sorted = [...paths].sort(([a], [b]) => b.includes("dim") - a.includes("dim"));
  for (const [style, d] of sorted) part(to, "path", { class: `e ${style}`, d });
  let hits = "";
  for (const i of look.hits) {
    const x = left(X(i));
    if (shown[i] && laneOf(E.node[i]) !== undefined && x > 0 && x < view.W) {
      hits += `M${x - 9} ${Y(E.node[i])}a9 9 0 1 0 18 0a9 9 0 1 0 -18 0`;
    }
  }
  if (hits) part(to, "path", { class: "hit", d: hits });
}

// Whether there is still room for a label here; it is taken then.
const taken = [];
function free(x, y, width) {
  const box = [x, y, x + width, y + 12];
  if (taken.some((b) => b[0] < box[2] && box[0] < b[2] && b[1] < box[3] && box[1] < b[3])) return false;
  taken.push(box);
  return true;
}

// Kinds beside messages and words above events, as far as they fit.
function drawLabels(to, view, spans) {
  for (let k = firstAt(view.from); k < order.length && X(order[k]) <= view.to; k++) {
    const i = order[k];
    if (E.what[i] !== EVENT || laneOf(E.node[i]) === undefined) continue;
    const whole = textOf(i), text = whole.length <= 14 ? whole : clipped(whole.split(/[ ({]/)[0], 14);
    const width = text.length * 7.3, flip = left(X(i)) + width + 10 > view.W;
    const x = left(X(i)) + (flip ? -8 - width : 8), y = Y(E.node[i]) - 9;
    if (free(x, y - 10, width)) part(to, "text", { class: `t word ${lightOf(i)}`, x, y }, text);
  }
  if (spans.length > LABELS_MAX) return;
  for (const { x1, y1, x2, y2, message } of spans) {
    if (y1 === y2 || lightOfMessage(message) === "dim") continue;
    const kind = clipped(kindOf(message.sent), 18), width = kind.length * 6.2;
    for (const share of [0.5, 0.3, 0.7, 0.2]) {
      const x = x1 + (x2 - x1) * share + 4, y = y1 + (y2 - y1) * share;
      if (!onLine(y) && x + width < view.W && free(x, y - 8, width)) {
        part(to, "text", { class: "t kind", x, y: y + 3 }, kind);
        break;
      }
    }
  }
}

// Whether a label would lie on a node's line.
function onLine(y) {
  const lane = (y - TOP + scroller.scrollTop) / lanes.height;
  return Math.abs(lane - Math.floor(lane) - 0.5) * lanes.height < 9;
}

// The breaches, and where we are.
function drawPointers(to, view) {
  for (const breach of raw.breaches) {
    const x = left(X(breach.entry));
    if (x < lanes.gutter || x > view.W) continue;
    part(to, "path", { class: "breach", d: `M${x} ${TOP - 6}V${view.H}` });
    const flip = x > view.W - 150;
    part(to, "text", { class: "t breachname", x: x + (flip ? -5 : 5), y: view.H - 6, "text-anchor": flip ? "end" : "start" },
      `✗ ${clipped(breach.check, 22)}`);
  }
  if (look.current < 0 || !shown[look.current]) return;
  const i = look.current, x = left(X(i));
  const atBreach = raw.breaches.some((breach) => X(breach.entry) === X(i));
  if (!atBreach) part(to, "path", { class: "now", d: `M${x} ${TOP - 8}V${view.H}` });
  if (!isFault(i) && laneOf(E.node[i]) !== undefined) {
    part(to, "circle", { class: "now", cx: x, cy: Y(E.node[i]), r: 8 });
  }
}

// The names of faults above their bands, each as long as there is room until the next.
function faultNames(to, view) {
  if (!filter.others[groupOf[FAULT]]) return;
  const within = raw.faults
    .map((fault) => [left(xOfTime(fault.at_ns)), fault.until_ns === null ? view.W : left(xOfTime(fault.until_ns)), fault.words])
    .filter(([from, until]) => until >= lanes.gutter && from <= view.W)
    .map(([from, , words]) => [Math.max(from, lanes.gutter + 4), words])
    .sort(([a], [b]) => a - b);
  within.forEach(([x, words], k) => {
    const wide = Math.min(within[k + 1]?.[0] ?? view.W, view.W) - x - 8;
    const most = Math.floor(wide / 6.4);
    if (most >= 4) part(to, "text", { class: "t faultname", x: x + 2, y: TOP - 18 }, clipped(words, most));
  });
}

// The axis and the names, over everything that scrolls.
function drawFrame(to, view) {
  part(to, "rect", { class: "frame", x: 0, y: 0, width: view.W, height: TOP - 12 });
  faultNames(to, view);
  let last = -1e9;
  const tick = (x, text) => {
    if (x < lanes.gutter + 34 || x > view.W || x - last < 84) return;
    last = x;
    part(to, "path", { class: "tick", d: `M${x} ${AXIS + 3}v5` });
    part(to, "text", { class: "t", x: Math.min(x, view.W - 34), y: AXIS - 1, "text-anchor": "middle" }, text);
  };
  if (scale.axis === "time") {
    const step = timeStep(100 / Math.max(scale.time, 1e-12));
    const from = START + Math.max(view.from - PAD, 0) / scale.time;
    for (let ns = Math.ceil(from / step) * step; ns <= END && left(xOfTime(ns)) < view.W; ns += step) {
      tick(left(xOfTime(ns)), instant(ns));
    }
  } else {
    for (let k = firstAt(view.from); k < order.length && X(order[k]) <= view.to; k++) {
      tick(left(X(order[k])), instant(at[order[k]]));
    }
  }
  part(to, "rect", { class: "frame", x: 0, y: 0, width: lanes.gutter, height: view.H });
  for (const node of lanes.nodes) {
    const y = Y(node);
    if (y < TOP - 8 || y > view.H + 20) continue;
    const here = look.current >= 0 && !isFault(look.current) && E.node[look.current] === node;
    part(to, "text", { class: here ? "t lanename here" : "t lanename", x: lanes.gutter - 10, y: y + 4, "text-anchor": "end" },
      clipped(name(node), Math.floor((lanes.gutter - 16) / 7.4)));
  }
  part(to, "text", { class: "t dim", x: 8, y: AXIS - 1 }, scale.axis === "time" ? "time" : "order");
}
