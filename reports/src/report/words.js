// Entries, times and nodes in words, and elements made of them; never HTML made of texts.
const el = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
};
const $ = (id) => document.getElementById(id);
const name = (node) => raw.names[node] ?? "(unnamed)";
// Who an entry is about: a fault may be about no single node.
const place = (i) => (!isFault(i) ? name(E.node[i]) : E.peer[i] >= 0 ? name(E.peer[i]) : "network");
const number = (n) => n.toLocaleString("en-US");
const textOf = (i) => (E.text[i] < 0 ? "" : raw.texts[E.text[i]]);
const kindOf = (i) => (E.kind[i] < 0 ? "" : raw.kinds[E.kind[i]].name);
const operationOf = (i) => {
  if (E.operation[i] < 0) return "";
  const [client, n] = raw.operations[E.operation[i]];
  return `${name(client)}’s no. ${n + 1}`;
};
const FATES = ["is lost", "is corrupted and dropped", "is dropped by a full queue",
  "is cut by a partition", "is sent to a dead node"];
const clipped = (text, most) => (text.length > most ? text.slice(0, most - 1) + "…" : text);

// A time with as many digits as its unit is worth.
function instant(ns) {
  const sign = ns < 0 ? "−" : "";
  const size = Math.abs(ns);
  const unit = [[1e9, "s"], [1e6, "ms"], [1e3, "µs"]].find(([one]) => size >= one) || [1, "ns"];
  const digits = unit[0] === 1e9 ? 6 : 3;
  const text = (size / unit[0]).toFixed(unit[0] === 1 ? 0 : digits);
  return sign + (text.includes(".") ? text.replace(/\.?0+$/, "") : text) + unit[1];
}

// A message, by its kind even where a transport has wrapped it.
const contentOf = (i) => (textOf(i).startsWith(kindOf(i)) ? textOf(i) : `${kindOf(i)} in ${textOf(i)}`);

// What an entry is, without its time and its node.
function what(i) {
  const peer = name(E.peer[i]);
  switch (E.what[i]) {
    case BOOT: return E.value[i] ? `boots again (no. ${E.value[i]})` : "boots";
    case CRASH: return "crashes";
    case PAUSE: return "pauses";
    case RESUME: return "resumes";
    case SEND: return `sends to ${peer}: ${contentOf(i)}`;
    case DUPLICATE: return `${kindOf(root(i))} to ${name(E.peer[root(i)])} is duplicated`;
    case DROP: return `${kindOf(i)} to ${peer} ${FATES[E.value[i]]}`;
    case DELIVER: return `handles from ${peer}: ${contentOf(i)}`;
    case TIMER: return `timer ${textOf(i)}`;
    case REQUEST: return `is asked: ${textOf(i)}`;
    case EVENT: return `tells its client: ${textOf(i)}`;
    case COMPLETE: return `completes operation ${operationOf(i)}`;
    case WRITE: return `${E.value[i] ? "forces to disk" : "writes lazily"}: ${textOf(i)}`;
    case FAULT: return `fault: ${textOf(i)}`;
    default: return `undone: ${textOf(i)}`;
  }
}
const sentence = (i) => `${instant(at[i])}, ${place(i)} ${what(i)}`;

// How the filters and the list call what is no message.
const OTHERS = [
  ["client", "requests and answers", [REQUEST, EVENT, COMPLETE]],
  ["timer", "timers", [TIMER]],
  ["write", "writes", [WRITE]],
  ["life", "boots, crashes, pauses", [BOOT, CRASH, PAUSE, RESUME]],
  ["fault", "faults", [FAULT, UNDONE]],
];
const groupOf = [];
OTHERS.forEach(([, , codes], group) => codes.forEach((code) => { groupOf[code] = group; }));
const SIGNS = ["▲", "✕", "‖", "▸", "→", "⧉", "⤫", "●", "◷", "▽", "◆", "○", "▪", "⚡", "↺"];

// The lines of two texts, each with "=", "-" or "+": a longest common subsequence.
function difference(old, young) {
  let first = 0;
  while (first < old.length && first < young.length && old[first] === young[first]) first++;
  let last = 0;
  const room = Math.min(old.length, young.length) - first;
  while (last < room && old[old.length - 1 - last] === young[young.length - 1 - last]) last++;
  const a = old.slice(first, old.length - last), b = young.slice(first, young.length - last);
  const best = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let k = b.length - 1; k >= 0; k--) {
      best[i][k] = a[i] === b[k] ? best[i + 1][k + 1] + 1 : Math.max(best[i + 1][k], best[i][k + 1]);
    }
  }
  const out = old.slice(0, first).map((line) => ["=", line]);
  let i = 0, k = 0;
  while (i < a.length || k < b.length) {
    if (i < a.length && k < b.length && a[i] === b[k]) { out.push(["=", a[i++]]); k++; }
    else if (k >= b.length || (i < a.length && best[i + 1][k] >= best[i][k + 1])) out.push(["-", a[i++]]);
    else out.push(["+", b[k++]]);
  }
  return out.concat(young.slice(young.length - last).map((line) => ["=", line]));
}
