"""A headless Chromium, driven over a pipe by the DevTools protocol; no package is needed."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-default-apps", "--disable-extensions", "--disable-dev-shm-usage",
    # Whatever a page asked for would end nowhere.
    "--proxy-server=127.0.0.1:9", "--remote-debugging-pipe",
]


class Browser:
    """A browser with one tab, and everything that went wrong in it."""

    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="report-chromium-")
        theirs, self.to = os.pipe()
        self.back, answers = os.pipe()
        keep = [os.dup2(theirs, 103), os.dup2(answers, 104)]
        for end in keep:
            os.set_inheritable(end, True)
        command = ["chromium", *FLAGS, f"--user-data-dir={self.profile}", "about:blank"]
        # The browser reads commands from descriptor 3 and answers on 4.
        shell = ["bash", "-c", 'exec 3<&103 4>&104 103<&- 104>&-; exec "$@"', "bash", *command]
        self.process = subprocess.Popen(
            shell, pass_fds=keep, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        for end in [theirs, answers, *keep]:
            os.close(end)
        self.text, self.number, self.session = b"", 0, None
        self.troubles, self.requests = [], []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Network", "Log"]:
            self.send(f"{domain}.enable")

    def close(self):
        try:
            self.send("Browser.close")
            self.process.wait(10)
        except Exception:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def read(self, patience):
        until = time.monotonic() + patience
        while b"\0" not in self.text:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.back], [], [], left)[0]:
                raise TimeoutError(f"the browser says nothing for {patience} s")
            piece = os.read(self.back, 1 << 16)
            if not piece:
                raise EOFError("the browser is gone")
            self.text += piece
        message, self.text = self.text.split(b"\0", 1)
        return json.loads(message)

    def send(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read(60)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.note(answer)

    def note(self, event):
        method, params = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            said = details.get("exception", {}).get("description", details["text"])
            self.troubles.append(said)
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self.troubles.append(json.dumps(params["args"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.troubles.append(params["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            url = params["request"]["url"]
            if not url.startswith("data:"):
                self.requests.append(url)

    def eval(self, expression):
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def open(self, path, width=1280, height=800, dark=False, scripts=True):
        """Opens a page; gives the seconds until it can be used."""
        self.troubles.clear()
        self.requests.clear()
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        still = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.send("Emulation.setEmulatedMedia", features=[scheme, still])
        self.send("Emulation.setScriptExecutionDisabled", value=not scripts)
        began = time.monotonic()
        self.scripts = scripts
        self.send("Page.navigate", url=f"file://{os.path.abspath(path)}")
        while scripts and not self.eval("document.documentElement?.dataset.ready"):
            if self.troubles or time.monotonic() - began > 60:
                raise RuntimeError(f"{path} does not begin: {self.troubles}")
            time.sleep(0.01)
        if not scripts:
            time.sleep(0.5)
        else:
            self.frame()
        return time.monotonic() - began

    def frame(self):
        """Waits until what was asked for is drawn."""
        if not self.scripts:
            return time.sleep(0.2)
        self.eval("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")

    def click(self, x, y):
        for kind in ["mousePressed", "mouseReleased"]:
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        self.frame()

    def key(self, key, text=None):
        codes = {"ArrowLeft": 37, "ArrowRight": 39, "ArrowUp": 38, "ArrowDown": 40, "Home": 36,
                 "End": 35, "Escape": 27, "Enter": 13, "Tab": 9, " ": 32}
        params = {"key": key, "windowsVirtualKeyCode": codes.get(key, 0)}
        if len(key) == 1:
            params["text"] = key
        if key == "Enter":
            params["text"] = "\r"
        self.send("Input.dispatchKeyEvent", type="keyDown", **params)
        self.send("Input.dispatchKeyEvent", type="keyUp", key=key,
                  windowsVirtualKeyCode=codes.get(key, 0))
        self.frame()

    def picture(self, path, whole=False):
        self.frame()
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shot = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))
