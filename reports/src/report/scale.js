// What is shown, and where along the axis: by true time, or one column for each event.
const filter = {
  nodes: new Uint8Array(raw.names.length).fill(1),
  kinds: new Uint8Array(raw.kinds.length).fill(1),
  others: new Uint8Array(OTHERS.length).fill(1),
};
const scale = { axis: "order", order: 26, time: 0, columns: 0 };
const shown = new Uint8Array(COUNT);
const column = new Int32Array(COUNT);
// The entries that are shown, in order, and the place of each among them.
let order = new Int32Array(0);
const rank = new Int32Array(COUNT);
const START = raw.entries.at_ns[0] ?? 0;
const END = COUNT ? Math.max(at[COUNT - 1], raw.left_out ? 0 : raw.ended_ns) : 1;
const PAD = 18;
const WIDTH_MAX = 8e6;

function isShown(i) {
  const code = E.what[i];
  if (code >= FAULT) return filter.others[groupOf[code]] === 1;
  if (!filter.nodes[E.node[i]]) return false;
  if (groupOf[code] !== undefined) return filter.others[groupOf[code]] === 1;
  const sent = code === DUPLICATE ? root(i) : i;
  return sent < 0 || E.kind[sent] < 0 || filter.kinds[E.kind[sent]] === 1;
}

// Applies the filters.
function sift() {
  const kept = [];
  let last = -1, columns = -1;
  for (let i = 0; i < COUNT; i++) {
    shown[i] = isShown(i) ? 1 : 0;
    if (shown[i] && ordinal[i] !== last) { columns++; last = ordinal[i]; }
    column[i] = Math.max(columns, 0);
    rank[i] = kept.length - (shown[i] ? 0 : 1);
    if (shown[i]) kept.push(i);
  }
  order = Int32Array.from(kept);
  scale.columns = columns + 1;
}

// Where an entry lies, in pixels from the left of the whole diagram.
const X = (i) => PAD + (scale.axis === "order"
  ? (column[i] + 0.5) * scale.order
  : (at[i] - START) * scale.time);

// Where an instant lies.
function xOfTime(ns) {
  if (scale.axis === "time") return PAD + (Math.min(ns, END) - START) * scale.time;
  let low = 0, high = order.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at[order[middle]] < ns) low = middle + 1; else high = middle;
  }
  return PAD + (low < order.length ? column[order[low]] : scale.columns) * scale.order;
}

const wholeWidth = () => 2 * PAD + (scale.axis === "order"
  ? scale.columns * scale.order
  : (END - START) * scale.time);

// The first place among the shown entries at or behind a position.
function firstAt(x) {
  let low = 0, high = order.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (X(order[middle]) < x) low = middle + 1; else high = middle;
  }
  return low;
}

// Scales so that everything is visible at once, and the finest that make sense.
function bounds(room) {
  const inside = Math.max(room - 2 * PAD, 100), span = Math.max(END - START, 1);
  return scale.axis === "order"
    ? [Math.min(inside / Math.max(scale.columns, 1), 60), 120]
    : [inside / span, Math.max(inside / span, Math.min(WIDTH_MAX, Math.max(COUNT, 200) * 400) / span)];
}

function setScale(value, room) {
  const [least, most] = bounds(room);
  scale[scale.axis] = Math.min(Math.max(value, least), most, WIDTH_MAX);
}

// By default, columns wide enough for labels; in time, as much room in all.
function defaultScale(room) {
  const [least] = bounds(room);
  if (scale.axis === "order") setScale(Math.max(26, least), room);
  else setScale(Math.max(least, (scale.columns * 26) / Math.max(END - START, 1)), room);
}

// Round steps for the marks of an axis of time.
function timeStep(least) {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1)));
  return [1, 2, 5, 10].map((n) => n * power).find((step) => step >= least) || 10 * power;
}
