// Where we are in the run, and everything that leads elsewhere.
const look = {
  current: -1, lit: false, past: new Uint8Array(COUNT), future: new Uint8Array(COUNT),
  hits: [], hitSet: new Set(), playing: 0, told: 0,
};

// Makes an entry the current one. A hidden entry gives its nearest shown neighbour.
function go(i, { light = look.lit, center = false } = {}) {
  if (!order.length) look.current = -1;
  else if (i < 0 || i >= COUNT || !shown[i]) {
    const k = Math.min(Math.max(rank[Math.min(Math.max(i, 0), COUNT - 1)], 0), order.length - 1);
    look.current = order[k];
  } else look.current = i;
  look.lit = light && look.current >= 0;
  if (look.lit) Object.assign(look, closure(look.current));
  show(center);
}

// Everything that depends on where we are.
function show(center) {
  const i = look.current;
  bringIntoView(center);
  redraw();
  showInList();
  drawDetail();
  drawStates();
  $("light").checked = look.lit;
  const k = i < 0 ? -1 : rank[i];
  $("scrub").value = k;
  $("scrub").setAttribute("aria-valuetext", i < 0 ? "none" : sentence(i));
  $("where").textContent = i < 0 ? "none" : `${number(k + 1)} / ${number(order.length)} · ${instant(at[i])}`;
  $("where").dataset.entry = i;
  $("first").disabled = $("back").disabled = k <= 0;
  $("last").disabled = $("forth").disabled = k >= order.length - 1;
  announce();
}

// Read out, though not every event of a fast play.
function announce() {
  const now = performance.now();
  if (look.current < 0 || (look.playing && now - look.told < 2500)) return;
  look.told = now;
  $("now").textContent = `Event ${rank[look.current] + 1} of ${order.length}: ${sentence(look.current)}`;
}

function bringIntoView(center) {
  const i = look.current;
  if (i < 0) return;
  const x = X(i), from = scroller.scrollLeft, wide = room();
  const margin = Math.min(60, wide / 4);
  if (center || x < from + margin || x > from + wide - margin) {
    const share = look.playing ? 0.25 : 0.5;
    scroller.scrollLeft = x - wide * share;
  }
  const lane = laneOf(E.node[i]);
  if (lane === undefined || isFault(i)) return;
  const y = TOP + (lane + 0.5) * lanes.height, high = scroller.clientHeight;
  if (y < scroller.scrollTop + TOP + 10 || y > scroller.scrollTop + high - 20) scroller.scrollTop = y - high / 2;
}

const step = (by) => go(order[Math.min(Math.max(rank[look.current] + by, 0), order.length - 1)] ?? -1);

function stepAtNode(forward) {
  if (look.current < 0) return;
  const node = E.node[look.current];
  for (let k = rank[look.current] + (forward ? 1 : -1); k >= 0 && k < order.length; k += forward ? 1 : -1) {
    if (E.node[order[k]] === node && isEvent(order[k])) return go(order[k]);
  }
}

// The nearest event of the node above or below, for arrow keys in the diagram.
function stepLane(by) {
  const lane = laneOf(E.node[look.current]);
  const node = lanes.nodes[(lane ?? 0) + by];
  if (look.current < 0 || node === undefined) return;
  let best = -1;
  order.forEach((i) => {
    if (E.node[i] !== node || !isEvent(i)) return;
    if (best < 0 || Math.abs(X(i) - X(look.current)) < Math.abs(X(best) - X(look.current))) best = i;
  });
  if (best >= 0) go(best);
}

// From what became of a message to its sending, and from its sending to what became of it.
function crossOver() {
  const i = look.current;
  if (i < 0) return;
  const other = E.what[i] === SEND ? fate[i] : root(i);
  if (other >= 0) go(other, { center: true });
}

function toBreach() {
  if (!raw.breaches.length) return;
  const later = raw.breaches.find((breach) => breach.entry > look.current);
  stop();
  go((later || raw.breaches[0]).entry, { light: true, center: true });
}

function play() {
  if (look.playing) return stop();
  if (rank[look.current] >= order.length - 1) go(order[0] ?? -1);
  look.playing = setInterval(() => {
    step(1);
    if (rank[look.current] >= order.length - 1) stop();
  }, 1000 / Number($("speed").value));
  $("play").textContent = "pause";
  $("play").setAttribute("aria-pressed", "true");
}
function stop() {
  clearInterval(look.playing);
  look.playing = 0;
  $("play").textContent = "play";
  $("play").setAttribute("aria-pressed", "false");
  announce();
}

// Words that must all occur.
function search(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  look.hits = [];
  if (words.length) {
    for (const i of order) {
      const all = `${place(i)} ${what(i)} ${operationOf(i)}`.toLowerCase();
      if (words.every((word) => all.includes(word))) look.hits.push(i);
    }
  }
  look.hitSet = new Set(look.hits);
  $("found").textContent = !words.length ? "" : look.hits.length === 1 ? "1 hit" : `${number(look.hits.length)} hits`;
  redraw();
  relist();
}
function nextHit(forward) {
  if (!look.hits.length) return;
  const later = forward ? look.hits.find((i) => i > look.current) : look.hits.findLast((i) => i < look.current);
  go(later ?? look.hits[forward ? 0 : look.hits.length - 1], { center: true });
}

function clear() {
  stop();
  $("search").value = "";
  $("tip").hidden = true;
  search("");
  go(look.current, { light: false });
}

function zoom(factor) {
  const i = look.current, old = X(Math.max(i, 0)), inView = old - scroller.scrollLeft;
  setScale(scale[scale.axis] * factor, room());
  resize();
  scroller.scrollLeft = X(Math.max(i, 0)) - Math.min(Math.max(inView, 0), room());
  redraw();
}
function fit() {
  setScale(0, room());
  resize();
}
function axis(which) {
  scale.axis = which;
  for (const input of document.getElementsByName("axis")) input.checked = input.value === which;
  if (!scale[which]) defaultScale(room());
  resize();
  bringIntoView(true);
}

// The filters have changed.
function refilter() {
  sift();
  $("scrub").max = Math.max(order.length - 1, 0);
  const off = COUNT - order.length;
  $("filtered").textContent = off ? `(${number(order.length)} of ${number(COUNT)})` : "";
  layout();
  setScale(scale[scale.axis], room());
  resize();
  search($("search").value);
  go(look.current < 0 ? 0 : look.current);
}

// What lies beneath a point of the diagram: an event if one is near, or else a message.
function beneath(event) {
  const box = scroller.getBoundingClientRect();
  const x = event.clientX - box.left - scroller.clientLeft, y = event.clientY - box.top - scroller.clientTop;
  if (x < lanes.gutter || y < TOP - 12) return -1;
  let best = -1, least = 14;
  const from = scroller.scrollLeft + x - lanes.gutter;
  for (let k = firstAt(from - 14); k < order.length && X(order[k]) <= from + 14; k++) {
    const i = order[k];
    if (!isEvent(i) || laneOf(E.node[i]) === undefined) continue;
    const far = Math.hypot(left(X(i)) - x, Y(E.node[i]) + (RISE[E.what[i]] || 0) - y);
    if (far < least) { least = far; best = i; }
  }
  if (best >= 0) return best;
  least = 6;
  for (const message of messages) {
    if (message.sent < 0 || X(message.sent) > from + 40) continue;
    const one = span(message);
    if (!one) continue;
    const far = distance(one, x, y);
    if (far < least) { least = far; best = message.end >= 0 ? message.end : message.start; }
  }
  return best;
}
function distance({ x1, y1, x2, y2 }, x, y) {
  const size = (x2 - x1) ** 2 + (y2 - y1) ** 2 || 1;
  const share = Math.min(Math.max(((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / size, 0), 1);
  return Math.hypot(x1 + share * (x2 - x1) - x, y1 + share * (y2 - y1) - y);
}
