// One event: what it is, its clocks, what caused it and what it caused, the state around it.
const jump = (i, text) => el("a", { href: `#event-${i + 1}`, "data-entry": i }, text);
const fact = (term, ...what) => [el("dt", {}, term), el("dd", {}, ...what)];

function drawDetail() {
  const to = $("detail"), i = look.current;
  if (i < 0) return to.replaceChildren(el("p", { class: "dim" }, "Nothing is shown: the filters leave no event."));
  to.replaceChildren(...[
    el("p", { class: "headline-event" },
      el("span", { class: "sign", "aria-hidden": "true" }, SIGNS[E.what[i]]), " ",
      el("strong", {}, place(i)), " ", what(i)),
    breachOf(i),
    el("dl", { class: "facts-list" }, ...facts(i)),
    ...states(i)].filter(Boolean));
}

function breachOf(i) {
  const broken = raw.breaches.filter((breach) => breach.entry === i);
  if (!broken.length) return null;
  const where = broken[0].exact ? "Here it fails: " : "The last before it fails: ";
  return el("p", { class: "alarm-note" }, `✗ ${where}${broken.map((breach) => breach.check).join(", ")}`);
}

function facts(i) {
  const all = [
    ...fact("time", instant(at[i]), el("span", { class: "dim" }, ` (${number(at[i])} ns)`)),
  ];
  if (!isFault(i)) {
    const lead = E.lead_ns[i];
    const ahead = lead === 0 ? "exact" : `${instant(Math.abs(lead))} ${lead > 0 ? "fast" : "slow"}`;
    all.push(...fact("its clock", `${instant(at[i] + lead)} (${ahead})`));
  }
  all.push(...fact("event", `${number(i + 1)} of ${number(COUNT)}; kernel event ${number(ordinal[i])}`));
  if (E.operation[i] >= 0) all.push(...fact("operation", operationOf(i)));
  if (E.what[i] === SEND) all.push(...fact("size", `${number(E.value[i])} bytes`), ...fact("fate", ...fates(i)));
  const sent = E.what[i] === SEND ? -1 : root(i);
  if (sent >= 0) {
    const took = at[i] - at[sent];
    all.push(...fact("sent", jump(sent, `${instant(at[sent])} by ${name(E.node[sent])}`),
      el("span", { class: "dim" }, `, ${instant(took)} before`)));
  }
  const { lamport, vector, hlc } = raw.stamps;
  if (lamport[i] !== undefined && lamport[i] !== null) all.push(...fact("Lamport", String(lamport[i])));
  if (vector[i]) all.push(...fact("vector", `[${vector[i].join(", ")}]`));
  if (hlc[i]) all.push(...fact("hybrid", hlc[i]));
  const steps = [[before[i], "← previous here"], [after[i], "next here →"]].filter(([k]) => k >= 0);
  if (steps.length) all.push(...fact("at this node", ...steps.flatMap(([k, text], n) => [n ? " · " : "", jump(k, text)])));
  if (look.lit) all.push(...fact("causes", causes()));
  return all;
}

function causes() {
  const count = (set) => set.reduce((sum, one, k) => sum + (one && isEvent(k) && k !== look.current ? 1 : 0), 0);
  return `${number(count(look.past))} events before it, ${number(count(look.future))} after it`;
}

function fates(sent) {
  const ways = [sent, ...(copies.get(sent) || [])];
  return ways.flatMap((start, n) => {
    const end = fate[start];
    const title = (n ? "; copy " : "");
    if (end < 0) return [`${title}still travelling at the end`];
    const arrived = E.what[end] === DELIVER;
    const text = arrived ? `handled by ${name(E.node[end])} at ${instant(at[end])}`
      : `${FATES[E.value[end]].replace(/^is /, "")} at ${instant(at[end])}`;
    return [title, jump(end, text)];
  });
}

// The node's state before and after the handler, in one text with what went and what came.
function states(i) {
  if (isFault(i) || !isEvent(i)) return [];
  const old = stateBefore(i), young = E.state[i];
  if (old < 0 && young < 0) return [el("p", { class: "dim" }, `${name(E.node[i])} has no state: it is down.`)];
  const title = old === young ? `State of ${name(E.node[i])}: unchanged`
    : `State of ${name(E.node[i])}: what this ${E.what[i] === CRASH ? "crash" : "handler"} changed`;
  const lines = difference(old < 0 ? [] : stateLines(old), young < 0 ? [] : stateLines(young));
  return [el("h4", {}, title), diffBlock(lines)];
}

function diffBlock(lines) {
  const words = { "+": "added: ", "-": "removed: " };
  return el("pre", { class: "diff", tabindex: "0" }, ...lines.map(([sign, line]) =>
    el("span", { class: sign === "+" ? "ins" : sign === "-" ? "del" : "same" },
      el("span", { class: "gut", "aria-hidden": "true" }, sign === "=" ? " " : sign === "-" ? "−" : "+"),
      words[sign] ? el("span", { class: "sr" }, words[sign]) : null, line + "\n")));
}

// What every node was in, just after the current event.
function drawStates() {
  const to = $("all-states");
  if (!$("states").open || look.current < 0) return;
  const latest = latestOf(look.current);
  const some = lanes.nodes.slice(0, 60);
  to.replaceChildren(...some.map((node) => {
    const state = latest[node] < 0 ? -1 : E.state[latest[node]];
    const text = state < 0 ? "down" : stateLines(state).join("\n");
    return el("div", { class: "state" }, el("h4", {}, name(node)), el("pre", { tabindex: "0" }, text));
  }));
  if (lanes.nodes.length > some.length) {
    to.append(el("p", { class: "dim" }, `${lanes.nodes.length - some.length} more nodes: filter to see them.`));
  }
}
