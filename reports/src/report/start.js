// Ties keys, buttons and the pointer to what they do, and begins.
const keys = {
  ArrowLeft: () => { stop(); step(-1); }, ArrowRight: () => { stop(); step(1); },
  Home: () => go(order[0] ?? -1), End: () => go(order[order.length - 1] ?? -1),
  " ": play, "[": () => stepAtNode(false), "]": () => stepAtNode(true),
  Enter: () => go(look.current, { light: !look.lit }), c: crossOver, b: toBreach,
  "+": () => zoom(1.5), "=": () => zoom(1.5), "-": () => zoom(1 / 1.5), "0": fit,
  t: () => axis(scale.axis === "time" ? "order" : "time"),
  "/": () => $("search").focus(), "?": () => $("keys").showModal(), Escape: clear,
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("keys").open) return;
  const on = event.target, tag = on.tagName;
  if (on === $("search")) {
    if (event.key === "Enter") nextHit(!event.shiftKey);
    else if (event.key === "Escape") { clear(); scroller.focus({ preventScroll: true }); }
    return;
  }
  // Controls keep the keys that are theirs.
  const own = { INPUT: " ArrowLeftArrowRightHomeEnd", SELECT: " EnterArrowUpArrowDownHomeEnd", BUTTON: " Enter", A: "Enter", SUMMARY: " Enter", PRE: "HomeEnd ArrowLeftArrowRight" };
  if (own[tag]?.includes(event.key) && event.key !== "") return;
  const inside = [scroller, list].includes(on);
  if (!inside && [" ", "Home", "End", "Enter"].includes(event.key) && on !== document.body) return;
  let act = keys[event.key];
  if (event.key === "ArrowUp") act = on === scroller ? () => stepLane(-1) : on === list ? () => step(-1) : null;
  if (event.key === "ArrowDown") act = on === scroller ? () => stepLane(1) : on === list ? () => step(1) : null;
  if (!act) return;
  event.preventDefault();
  act();
});

const onClick = (id, act) => $(id).addEventListener("click", act);
onClick("first", () => go(order[0] ?? -1));
onClick("last", () => go(order[order.length - 1] ?? -1));
onClick("back", () => { stop(); step(-1); });
onClick("forth", () => { stop(); step(1); });
onClick("play", play);
onClick("to-breach", toBreach);
onClick("help", () => $("keys").showModal());
onClick("zoom-in", () => zoom(1.5));
onClick("zoom-out", () => zoom(1 / 1.5));
onClick("zoom-fit", fit);
$("scrub").addEventListener("input", (event) => { stop(); go(order[Number(event.target.value)] ?? -1); });
$("speed").addEventListener("change", () => { if (look.playing) { stop(); play(); } });
$("search").addEventListener("input", (event) => search(event.target.value));
$("light").addEventListener("change", (event) => go(look.current, { light: event.target.checked }));
$("states").addEventListener("toggle", drawStates);
for (const input of document.getElementsByName("axis")) input.addEventListener("change", () => axis(input.value));

// Links to events, wherever they are.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-entry]");
  if (!link || link.tagName === "OUTPUT") return;
  event.preventDefault();
  stop();
  const inList = link.classList.contains("row");
  if (!inList && !$("stage").contains(link)) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    $("run").scrollIntoView({ behavior: calm ? "auto" : "smooth" });
    scroller.focus({ preventScroll: true });
  }
  go(Number(link.dataset.entry), { light: true, center: !inList });
});

scroller.addEventListener("scroll", redraw, { passive: true });
list.addEventListener("scroll", relist, { passive: true });
scroller.addEventListener("click", (event) => {
  const i = beneath(event);
  stop();
  if (i >= 0) go(i, { light: true });
});
scroller.addEventListener("pointermove", (event) => {
  const i = event.pointerType === "mouse" ? beneath(event) : -1, tip = $("tip");
  tip.hidden = i < 0;
  scroller.classList.toggle("aiming", i >= 0);
  if (i < 0) return;
  tip.textContent = clipped(sentence(i), 240);
  const wide = Math.min(360, innerWidth - 24);
  tip.style.maxWidth = `${wide}px`;
  tip.style.left = `${Math.max(8, Math.min(event.clientX + 14, innerWidth - wide - 16))}px`;
  tip.style.top = `${Math.min(event.clientY + 18, innerHeight - 80)}px`;
});
scroller.addEventListener("pointerleave", () => { $("tip").hidden = true; });
scroller.addEventListener("wheel", (event) => {
  if (!event.ctrlKey) return;
  event.preventDefault();
  zoom(event.deltaY < 0 ? 1.25 : 0.8);
}, { passive: false });

// A box for everything that can be left out.
function chips(to, labels, set, classes = () => "") {
  const change = () => { refilter(); };
  const boxes = labels.map((text, n) => {
    const box = el("input", { type: "checkbox", checked: true, change: (event) => { set[n] = event.target.checked ? 1 : 0; change(); } });
    return { box, label: el("label", { class: `chip ${classes(n)}` }, box, ` ${text}`) };
  });
  const all = (on) => () => { boxes.forEach(({ box }, n) => { box.checked = on; set[n] = on ? 1 : 0; }); change(); };
  to.append(...boxes.map(({ label }) => label));
  if (labels.length > 1) {
    to.append(el("button", { type: "button", class: "small", click: all(true) }, "all"),
      el("button", { type: "button", class: "small", click: all(false) }, "none"));
  }
}

function legend() {
  const to = $("legend");
  const line = (classes) => {
    const drawing = document.createElementNS(SVG, "svg");
    for (const [key, value] of Object.entries({ width: 26, height: 12, class: "key", "aria-hidden": "true" })) drawing.setAttribute(key, value);
    part(drawing, "path", { class: `m ${classes}`, d: "M1 6H25" });
    return drawing;
  };
  const sign = (code) => {
    const drawing = document.createElementNS(SVG, "svg");
    for (const [key, value] of Object.entries({ width: 16, height: 16, viewBox: "-8 -8 16 16", class: "key", "aria-hidden": "true" })) drawing.setAttribute(key, value);
    part(drawing, "path", { class: `e e${code} ${HOLLOW.includes(code) ? "hollow" : ""}`, d: glyph(code, 0, -(RISE[code] || 0)) });
    return drawing;
  };
  const bar = (sort) => {
    const drawing = document.createElementNS(SVG, "svg");
    for (const [key, value] of Object.entries({ width: 26, height: 12, class: "key", "aria-hidden": "true" })) drawing.setAttribute(key, value);
    part(drawing, "rect", { class: `mark s${sort % 4}`, x: 1, y: 1, width: 24, height: 10, rx: 3 });
    return drawing;
  };
  const item = (drawing, text) => to.append(el("span", {}, drawing, ` ${text}`));
  raw.kinds.slice(0, 8).forEach((kind, k) => item(line(`k${k}`), kind.transport ? `${kind.name} (transport)` : kind.name));
  if (raw.kinds.length > 8) to.append(el("span", {}, `and ${raw.kinds.length - 8} more kinds`));
  const has = new Set(E.what);
  if (has.has(DROP)) item(line("dropped"), "did not arrive (✕)");
  if (has.has(DUPLICATE)) item(line("copy"), "copy");
  for (const [code, text] of [[REQUEST, "request"], [EVENT, "answer"], [COMPLETE, "done"], [TIMER, "timer"], [WRITE, "write"], [CRASH, "crash"]]) {
    if (has.has(code)) item(sign(code), text);
  }
  const awaited = raw.marks.some((mark) => mark.waiting);
  sorts.forEach((what, sort) => item(bar(sort), what + (awaited ? " (thin: not yet)" : "")));
  item(line("past"), "causal past");
  item(line("future"), "causal future");
}

// Light, dark, or as the system has it.
{
  const themes = ["", "light", "dark"], words = ["as the system has them", "light", "dark"];
  let now = 0;
  onClick("theme", () => {
    now = (now + 1) % 3;
    document.documentElement.dataset.theme = themes[now];
    $("theme").setAttribute("aria-label", `Colours: ${words[now]}`);
    $("theme").title = `Colours: ${words[now]}`;
  });
}

chips($("filter-nodes"), raw.names.slice(0, raw.members), filter.nodes);
chips($("filter-kinds"), raw.kinds.map((kind) => kind.name), filter.kinds, (k) => `k${k % 8}`);
chips($("filter-others"), OTHERS.map(([, text]) => text), filter.others);
legend();
$("to-breach").hidden = !raw.breaches.length;
sift();
layout();
defaultScale(room());
$("scrub").max = Math.max(order.length - 1, 0);
resize();
const asked = /^#event-(\d+)$/.exec(location.hash);
if (asked) go(Number(asked[1]) - 1, { light: true, center: true });
else if (raw.breaches.length) go(raw.breaches[0].entry, { light: true, center: true });
else go(0);
addEventListener("hashchange", () => {
  const event = /^#event-(\d+)$/.exec(location.hash);
  if (event) go(Number(event[1]) - 1, { light: true, center: true });
});
new ResizeObserver(() => { layout(); setScale(scale[scale.axis], room()); resize(); }).observe(scroller.parentElement);
document.fonts.ready.then(redraw);
// For the console, and for tests: where an event is drawn, and what is lit.
$("stage").run = {
  data: raw,
  get current() { return look.current; },
  get past() { return look.lit ? [...look.past.keys()].filter((i) => look.past[i]) : []; },
  get future() { return look.lit ? [...look.future.keys()].filter((i) => look.future[i]) : []; },
  go,
  point(i) {
    const box = scroller.getBoundingClientRect();
    return { x: box.left + scroller.clientLeft + left(X(i)), y: box.top + scroller.clientTop + Y(E.node[i]) };
  },
};
document.documentElement.dataset.ready = Math.round(performance.now());
