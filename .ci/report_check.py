"""Uses the pages in a folder as a reader would, and checks what they answer."""

import json
import re
import sys

from report_browser import Browser

folder = sys.argv[1]
browser = Browser()
STAGE = "document.getElementById('stage')"
# What a reader does not mind, on a machine that has more to do.
TO_READY_MAX_S = 3.0
JUMP_MAX_MS = 300


def expect(true, what):
    if not true:
        raise SystemExit(f"report: {what}")


def data_of(page):
    text = open(f"{folder}/{page}", encoding="utf-8").read()
    return json.loads(re.search(r'id="data">(.*?)</script>', text, re.S).group(1))


def run():
    return f"{STAGE}.run"


def current():
    return browser.eval(f"{run()}.current")


class Causality:
    """What happened before what, found anew from a page's data."""

    def __init__(self, data):
        entries = data["entries"]
        self.what, self.origin, node = entries["what"], entries["origin"], entries["node"]
        self.causes, self.effects, latest = [], [], {}
        for i, what in enumerate(self.what):
            causes = [self.origin[i]] if self.origin[i] >= 0 else []
            if self.event(i):
                causes += [latest[node[i]]] if node[i] in latest else []
                latest[node[i]] = i
            self.causes.append(causes)
            self.effects.append([])
        for i, causes in enumerate(self.causes):
            for cause in causes:
                self.effects[cause].append(i)

    def event(self, i):
        return self.what[i] not in (5, 6, 13, 14)

    def reach(self, start, edges):
        seen, todo = {start}, [start]
        while todo:
            for k in edges[todo.pop()]:
                if k not in seen:
                    seen.add(k)
                    todo.append(k)
        return seen

    def past(self, i):
        return {k for k in self.reach(i, self.causes) if self.event(k)} | {i}

    def future(self, i):
        return {k for k in self.reach(i, self.effects) if self.event(k)} | {i}


def click_on(selector):
    at = browser.eval(
        f"(() => {{ const e = document.querySelector({json.dumps(selector)}); e.scrollIntoView({{block: 'center'}});"
        "const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()")
    browser.frame()
    browser.click(*at)


def shown_in_list():
    return browser.eval("Number(document.querySelector('#list [aria-setsize]')?.getAttribute('aria-setsize') ?? 0)")


def quiet(page):
    expect(not browser.troubles, f"{page} complains: {browser.troubles}")
    own = [url for url in browser.requests if not url.endswith(page)]
    expect(not own and len(browser.requests) == 1, f"{page} asks for {browser.requests}")


def stepping(data):
    last = len(data["entries"]["what"]) - 1
    expect(current() == data["breaches"][0]["entry"], "the page does not begin at the breach")
    for selector, then in [("#first", 0), ("#forth", 1), ("#forth", 2), ("#back", 1), ("#last", last)]:
        click_on(selector)
        expect(current() == then, f"{selector} leads to {current()}, not {then}")
    click_on("#to-breach")
    expect(current() == data["breaches"][0]["entry"], "the button does not lead to the breach")
    browser.eval("(() => { const s = document.getElementById('scrub'); s.value = 40; s.dispatchEvent(new Event('input')); })()")
    expect(current() == 40, "scrubbing does not lead to where it points")
    said = browser.eval("document.getElementById('now').textContent")
    expect("Event 41 of" in said, f"the live region says {said!r}")
    browser.eval("document.getElementById('scroller').focus()")
    for key, then in [("Home", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", last)]:
        browser.key(key)
        expect(current() == then, f"{key} leads to {current()}, not {then}")
    node = data["entries"]["node"]
    browser.eval(f"{run()}.go(40)")
    browser.key("]")
    later = next(i for i in range(41, last) if node[i] == node[40])
    expect(current() == later, f"] leads to {current()}, not {later}")
    browser.key("[")
    expect(current() == 40, "[ does not lead back")
    browser.key("Home")
    browser.key(" ")
    expect(browser.eval("document.getElementById('play').textContent") == "pause", "space does not play")
    browser.eval("new Promise(done => setTimeout(done, 1100))")
    browser.key(" ")
    at = current()
    expect(2 <= at <= 5, f"three a second lead to {at} in about a second")
    browser.eval("new Promise(done => setTimeout(done, 500))")
    expect(current() == at, "space does not pause")


def causality(data, picks):
    truth = Causality(data)
    for pick in picks:
        browser.eval(f"{STAGE}.scrollIntoView(); {run()}.go({pick}, {{center: true, light: false}})")
        browser.frame()
        at = browser.eval(f"{run()}.point({pick})")
        browser.click(at["x"], at["y"])
        here = current()
        expect(data["entries"]["node"][here] == data["entries"]["node"][pick], f"a click at {pick} finds {here}")
        for name in ["past", "future"]:
            lit = set(browser.eval(f"{run()}.{name}"))
            known = getattr(truth, name)(here)
            expect(lit == known, f"the causal {name} of {here} has {len(lit)} events, not {len(known)}: {sorted(lit ^ known)[:9]}")
    browser.eval("document.getElementById('scroller').focus()")
    browser.key("Escape")
    expect(browser.eval(f"{run()}.past.length") == 0, "Escape does not clear the light")
    browser.key("Enter")
    expect(browser.eval(f"{run()}.past.length") > 0, "Enter does not light")


def searching():
    browser.eval("document.getElementById('scroller').focus()")
    browser.key("Home")
    browser.key("/")
    expect(browser.eval("document.activeElement.id") == "search", "/ does not search")
    for letter in "bob granted":
        browser.key(letter)
    found = browser.eval("document.getElementById('found').textContent")
    expect(re.fullmatch(r"\d+ hits", found), f"the search says {found!r}")
    browser.key("Enter")
    headline = browser.eval("document.querySelector('.headline-event').textContent")
    expect("bob" in headline and "Granted" in headline, f"the first hit is {headline!r}")
    browser.key("Escape")
    expect(browser.eval("document.getElementById('found').textContent") == "", "Escape does not clear the search")
    browser.key("?")
    expect(browser.eval("document.getElementById('keys').open"), "? does not show the keys")
    browser.key("Escape")
    expect(not browser.eval("document.getElementById('keys').open"), "Escape does not close the keys")
    browser.eval("document.getElementById('scroller').focus()")
    browser.key("t")
    expect(browser.eval("document.querySelector('[name=axis]:checked').value") == "time", "t does not change the axis")
    browser.key("t")


def filtering(data):
    entries, kinds = data["entries"], [kind["name"] for kind in data["kinds"]]
    browser.eval("document.getElementById('filters').open = true")
    acks = sum(1 for kind in entries["kind"] if kind == kinds.index("Ack"))
    total = len(entries["what"])
    expect(shown_in_list() == total, "not everything is listed")
    box = "#filter-kinds label:nth-of-type({}) input"
    click_on(box.format(kinds.index("Ack") + 1))
    expect(shown_in_list() == total - acks, f"without Ack there are {shown_in_list()} events, not {total - acks}")
    click_on(box.format(kinds.index("Ack") + 1))
    first = sum(1 for node in entries["node"] if node == 0)
    click_on("#filter-nodes label:nth-of-type(1) input")
    expect(shown_in_list() == total - first, "the filter of nodes is wrong")
    names = browser.eval("[...document.querySelectorAll('#diagram .lanename')].map(e => e.textContent)")
    expect(data["names"][0] not in names and data["names"][1] in names, f"the lines are {names}")
    click_on("#filter-nodes label:nth-of-type(1) input")
    expect(shown_in_list() == total, "a filter cannot be undone")
    browser.eval("document.getElementById('filters').open = false")


def state_change(data):
    """A handler that changed its node's state marks the lines that differ."""
    states = data["entries"]["state"]
    deliver = next(i for i, what in enumerate(data["entries"]["what"]) if what == 7 and states[i] > 3)
    browser.eval(f"{run()}.go({deliver})")
    marked = browser.eval("document.querySelectorAll('#detail .ins, #detail .del').length")
    expect(marked > 0, "no line of the state is marked as changed")


def reachable():
    browser.eval("document.activeElement.blur(); window.scrollTo(0, 0)")
    met = set()
    for _ in range(60):
        browser.key("Tab")
        met.add(browser.eval("document.activeElement.id || document.activeElement.className"))
    for wanted in ["theme", "first", "play", "last", "speed", "scrub", "to-breach", "help", "search", "zoom-in", "light",
                   "scroller", "list", "source"]:
        expect(wanted in met, f"Tab does not reach {wanted}: {sorted(met)}")


CONTRAST = """(() => {
  const parse = (c) => { const n = c.match(/[\\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
  const light = ([r, g, b]) => [r, g, b].map((v) => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; })
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ground = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] > .9) return c; } return [255, 255, 255]; };
  const weak = [];
  for (const e of document.body.querySelectorAll('*')) {
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
    if (!e.checkVisibility() || e.disabled || e.closest('script, noscript, .sr, button:disabled')) continue;
    const style = getComputedStyle(e);
    const ink = parse(e instanceof SVGElement ? style.fill : style.color), paper = ground(e);
    const [a, b] = [light(ink), light(paper)].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < 4.5) weak.push(`${e.tagName}.${e.getAttribute('class')} ${e.textContent.trim().slice(0, 20)}: ${ratio.toFixed(2)}`);
  }
  return weak;
})()"""


def readable(page):
    for dark in [False, True]:
        for width in [1280, 420]:
            browser.open(f"{folder}/{page}", width=width, height=800, dark=dark)
            weak = browser.eval(CONTRAST)
            expect(not weak, f"{page}: too little contrast {'in the dark' if dark else 'in the light'}: {weak[:6]}")
            wide = browser.eval("document.documentElement.scrollWidth")
            expect(wide <= width, f"{page} is {wide} wide in a window of {width}")
            name = f"{folder}/{page.removesuffix('.html')}-{'dark' if dark else 'light'}-{width}"
            browser.picture(f"{name}.png")
            browser.eval(f"{STAGE}.scrollIntoView()")
            browser.picture(f"{name}-diagram.png")
            quiet(page)


def main():
    data = data_of("breach.html")
    browser.open(f"{folder}/breach.html")
    stepping(data)
    causality(data, [5, 40, 111, data["breaches"][0]["entry"]])
    searching()
    filtering(data)
    state_change(data)
    reachable()
    quiet("breach.html")
    readable("breach.html")
    readable("faults.html")

    large = data_of("large.html")
    seconds = min(browser.open(f"{folder}/large.html") for _ in range(3))
    entries, kernel = len(large["entries"]["what"]), sum(large["entries"]["event"])
    expect(kernel >= 10_000, f"the large page has {kernel} events only")
    expect(seconds < TO_READY_MAX_S, f"a page of {kernel} events takes {seconds:.2f} s to begin")
    causality(large, [3, entries // 2])
    took = browser.eval(f"""(async () => {{
      const all = [];
      for (let i = 1; i <= 40; i++) {{
        const began = performance.now();
        {run()}.go(i * 97 % {entries});
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
        all.push(performance.now() - began);
      }}
      return all.sort((a, b) => a - b)[20];
    }})()""")
    expect(took < JUMP_MAX_MS, f"a jump takes {took:.0f} ms")
    quiet("large.html")

    browser.open(f"{folder}/beyond.html")
    notice = browser.eval("document.querySelector('.notice').textContent")
    expect("first 2,000 entries" in notice, f"the notice is {notice!r}")
    quiet("beyond.html")

    browser.open(f"{folder}/breach.html", scripts=False)
    browser.picture(f"{folder}/without-scripts.png", whole=True)
    browser.open(f"{folder}/many/index.html", scripts=False)
    browser.picture(f"{folder}/index.png")
    quiet("index.html")
    size = len(open(f"{folder}/large.html", "rb").read())
    print(f"reports hold in Chromium; {kernel} events ({entries} entries, {size / 1e6:.2f} MB) in {seconds:.2f} s, "
          f"a jump in {took:.0f} ms")


try:
    main()
finally:
    browser.close()
