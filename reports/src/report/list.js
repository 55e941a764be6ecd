// The events as a list: as many rows as are visible, however many there are.
const list = $("list");
const ROW = 26;
const rows = el("div", { class: "rows", role: "presentation" });
list.append(rows);
let listing = 0;
function relist() {
  if (!listing) listing = requestAnimationFrame(() => { listing = 0; drawList(); });
}

function drawList() {
  rows.style.height = `${order.length * ROW}px`;
  const from = Math.max(0, Math.floor(list.scrollTop / ROW) - 4);
  const until = Math.min(order.length, from + Math.ceil(list.clientHeight / ROW) + 8);
  rows.replaceChildren();
  for (let k = from; k < until; k++) rows.append(row(order[k], k));
  const here = $(`row-${look.current}`);
  if (here) list.setAttribute("aria-activedescendant", here.id);
  else list.removeAttribute("aria-activedescendant");
}

function row(i, k) {
  const code = E.what[i];
  const classes = ["row", lightOf(i), i === look.current ? "here" : "", look.hitSet.has(i) ? "found" : "",
    raw.breaches.some((breach) => breach.entry === i) ? "broken" : ""];
  const kind = E.kind[i] >= 0 ? `k${E.kind[i] % 8}` : "";
  return el("div", {
    id: `row-${i}`, class: classes.filter(Boolean).join(" "), role: "option", style: `top:${k * ROW}px`,
    "aria-selected": String(i === look.current), "aria-posinset": k + 1, "aria-setsize": order.length,
    "data-entry": i, title: sentence(i),
  },
  el("span", { class: "at" }, instant(at[i])),
  el("span", { class: "who" }, place(i)),
  el("span", { class: `sign ${kind}`, "aria-hidden": "true" }, SIGNS[code]),
  el("span", { class: "what" }, clipped(what(i), 160)));
}

// Brings the current entry into view, in the middle if it was out of it.
function showInList() {
  rows.style.height = `${order.length * ROW}px`;
  if (look.current < 0) return relist();
  const top = rank[look.current] * ROW;
  if (top < list.scrollTop || top + ROW > list.scrollTop + list.clientHeight) {
    list.scrollTop = top - list.clientHeight / 2;
  }
  relist();
}
