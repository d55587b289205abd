"""Firefox as a system has it, moved by WebDriver BiDi, which it speaks by itself, without a driver."""

import contextlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import websocket

NAMES = ("firefox-esr", "firefox")
PATIENCE = 60  # seconds for one answer
# Nothing is asked of another place, and nothing of the first run is shown.
PREFERENCES = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.type": 1,
    "toolkit.telemetry.enabled": False,
}
KEYS = {"End": "\ue010", "ArrowDown": "\ue015", "Space": " "}


def found() -> str | None:
    """The Firefox of this machine, if there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Firefox:
    """One tab of a running Firefox."""

    def __init__(self, address: str) -> None:
        self.socket = websocket.create_connection(
            f"{address}/session", timeout=PATIENCE, suppress_origin=True
        )
        self.count = 0
        self.ask("session.new", capabilities={})
        self.tab = self.ask("browsingContext.getTree")["contexts"][0]["context"]

    def ask(self, method: str, **parameters) -> dict:
        """Send a command and wait for its answer."""
        self.count += 1
        self.socket.send(json.dumps({"id": self.count, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.count:
                assert answer["type"] == "success", f"{method}: {answer.get('message')}"
                return answer["result"]

    def open(self, address: str, *, width: int = 1280) -> None:
        """Go to an address, and wait until the page is shown."""
        self.ask("browsingContext.setViewport", context=self.tab, viewport={"width": width, "height": 900})
        self.ask("browsingContext.navigate", context=self.tab, url=address, wait="complete")
        self.wait("!document.documentElement.hidden")

    def evaluate(self, expression: str):
        """The value of an expression, or of the promise that it is, as JSON."""
        answer = self.ask(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression})))()",
            target={"context": self.tab},
            awaitPromise=True,
        )
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        return json.loads(answer["result"].get("value", "null"))

    def wait(self, expression: str, seconds: int = 15) -> None:
        """Wait until an expression is true."""
        done = self.evaluate(
            f"""new Promise((done) => {{
                const ask = (left) => {{
                    if ({expression}) done(true);
                    else if (left <= 0) done(false);
                    else setTimeout(() => ask(left - 50), 50);
                }};
                ask({1000 * seconds});
            }})"""
        )
        assert done, f"not true after {seconds} s: {expression}"

    def press(self, *keys: str) -> None:
        """Press keys one after another, letters too."""
        strokes = [KEYS.get(key, key) for key in keys]
        actions = [{"type": kind, "value": key} for key in strokes for kind in ("keyDown", "keyUp")]
        keyboard = {"type": "key", "id": "keyboard", "actions": actions}
        self.ask("input.performActions", context=self.tab, actions=[keyboard])

    def click(self, selector: str) -> None:
        """Click the middle of an element."""
        x, y = self.evaluate(
            f"(({{ x, y, width, height }}) => [Math.round(x + width / 2), Math.round(y + height / 2)])"
            f"(document.querySelector({json.dumps(selector)}).getBoundingClientRect())"
        )
        strokes = [{"type": "pointerMove", "x": x, "y": y}]
        strokes += [{"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp")]
        mouse = {"type": "pointer", "id": "mouse", "actions": strokes}
        self.ask("input.performActions", context=self.tab, actions=[mouse])


@contextlib.contextmanager
def running(path: str, profile: Path) -> Iterator[Firefox]:
    """Start Firefox without a window and with a new profile; end it afterwards."""
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
    (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
    command = [path, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            address = next(
                match[1]
                for line in process.stderr
                if (match := re.search(r"WebDriver BiDi listening on (ws://\S+)", line))
            )
            opened = Firefox(address)
            try:
                yield opened
            finally:
                opened.socket.close()
        finally:
            process.terminate()
            process.stderr.close()
