// The run as the page holds it: columns as arrays, what caused what, what nodes were in.
const raw = JSON.parse(document.getElementById("data").textContent);
const [BOOT, CRASH, PAUSE, RESUME, SEND, DUPLICATE, DROP, DELIVER, TIMER, REQUEST, EVENT, COMPLETE,
  WRITE, FAULT, UNDONE] = Array(15).keys();
const E = raw.entries;
const COUNT = E.what.length;
const sums = (differences) => {
  const all = new Float64Array(differences.length);
  let sum = 0;
  differences.forEach((difference, i) => { all[i] = sum += difference; });
  return all;
};
const at = sums(E.at_ns);
const ordinal = sums(E.event);
const origin = Int32Array.from(E.origin);
// What the network does to messages, and faults, are no events of a node.
const events = Uint8Array.from(E.what, (what) => (![DUPLICATE, DROP, FAULT, UNDONE].includes(what) ? 1 : 0));
const isEvent = (i) => events[i] === 1;
// Faults are no node's, though the trace puts them somewhere.
const isFault = (i) => E.what[i] >= FAULT;

// The events before and after each at its node; what became of each message and copy.
const before = new Int32Array(COUNT).fill(-1);
const after = new Int32Array(COUNT).fill(-1);
const fate = new Int32Array(COUNT).fill(-1);
const copies = new Map();
// One for each message and each copy: where it was sent, since when it travels, how it ended.
const messages = [];
{
  const latest = new Map();
  for (let i = 0; i < COUNT; i++) {
    if (isEvent(i)) {
      const node = E.node[i];
      if (latest.has(node)) {
        before[i] = latest.get(node);
        after[before[i]] = i;
      }
      latest.set(node, i);
    }
    const what = E.what[i];
    if ((what === DROP || what === DELIVER) && origin[i] >= 0) fate[origin[i]] = i;
    if (what === DUPLICATE && origin[i] >= 0) copies.set(origin[i], [...(copies.get(origin[i]) || []), i]);
    if (what === SEND || what === DUPLICATE) messages.push({ sent: root(i), start: i, end: -1 });
  }
  for (const message of messages) message.end = fate[message.start];
}

// The entry that first sent what an entry is about.
function root(i) {
  while (i >= 0 && E.what[i] !== SEND) i = origin[i];
  return i;
}

// The deliveries of a message and of its copies.
function deliveries(sent) {
  const ends = [fate[sent]];
  for (const copy of copies.get(sent) || []) ends.push(...deliveries(copy));
  return ends.filter((end) => end >= 0 && E.what[end] === DELIVER);
}

// What happened before an entry and after it, itself included in both (Lamport, CACM 1978).
function closure(i) {
  const past = new Uint8Array(COUNT), future = new Uint8Array(COUNT);
  const walk = (set, from, next) => {
    const open = [from];
    while (open.length) {
      const k = open.pop();
      if (k < 0 || set[k]) continue;
      set[k] = 1;
      next(k, open);
    }
  };
  walk(past, i, (k, open) => open.push(before[k], origin[k]));
  const start = E.what[i] === DUPLICATE ? deliveries(i) : isEvent(i) ? [i] : [];
  future[i] = 1;
  for (const k of start) {
    future[k] = 0;
    walk(future, k, (k, open) => {
      open.push(after[k]);
      if (E.what[k] === SEND) open.push(...deliveries(k));
    });
  }
  return { past, future };
}

// A state's lines: those of the state that it differs from, but for the ones between. Some are kept
// on the way, so that none is far from one that is known.
const knownStates = new Map();
function stateLines(state) {
  const chain = [];
  let s = state;
  for (; s >= 0 && !knownStates.has(s); s = raw.states[s][0]) chain.push(s);
  let lines = s >= 0 ? knownStates.get(s) : [];
  chain.reverse().forEach((s, n) => {
    const [, first, last, ...between] = raw.states[s];
    lines = lines.slice(0, first).concat(between, last ? lines.slice(-last) : []);
    if (n % 32 === 31) knownStates.set(s, lines);
  });
  return lines.map((line) => raw.lines[line]);
}

// The state of an entry's node before the handler that the entry belongs to.
function stateBefore(i) {
  let k = before[i];
  while (k >= 0 && ordinal[k] === ordinal[i]) k = before[k];
  return k < 0 ? -1 : E.state[k];
}

// The last entry of each node up to an entry; -1 where there is none.
function latestOf(i) {
  const latest = new Int32Array(raw.names.length).fill(-1);
  for (let k = 0; k <= i; k++) if (isEvent(k)) latest[E.node[k]] = k;
  return latest;
}
