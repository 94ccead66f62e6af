"""Debian's Chromium, and what every page must keep: no error, no violation of its policy, no request beyond its origin."""

import contextlib
import pathlib
import urllib.parse

import axe_playwright_python
from playwright.sync_api import sync_playwright

AXE = (pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
CHROMIUM = "/usr/bin/chromium"
OPTIONS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
           "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 860}


@contextlib.contextmanager
def chromium():
    with sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=CHROMIUM, args=OPTIONS, chromium_sandbox=False)
        try:
            yield browser
        finally:
            browser.close()


class Sight:
    """A tab, and what it has met."""

    def __init__(self, browser, origin, shots, size=DESK, **options):
        self.origin = origin
        self.errors, self.foreign = [], []
        self._shots = shots
        self._context = browser.new_context(viewport=size, reduced_motion="reduce", **options)
        self.page = self._context.new_page()
        self.page.set_default_timeout(15000)
        self.page.on("console", self._take_message)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._take_request)
        # Counts what hostile markup or script would do, and what the policy has refused.
        self.page.add_init_script("""
          globalThis.executed = 0; globalThis.violations = [];
          globalThis.alert = () => { ++globalThis.executed; };
          document.addEventListener('securitypolicyviolation', (e) => globalThis.violations.push(`${e.violatedDirective} ${e.blockedURI}`));
        """)

    def _take_message(self, message):
        if message.type == "error":
            self.errors.append(f"{message.text} {message.location.get('url', '')}")

    def _take_request(self, request):
        if not request.url.startswith(("data:", "about:")) and urllib.parse.urlsplit(request.url).netloc != urllib.parse.urlsplit(self.origin).netloc:
            self.foreign.append(request.url)

    def open(self, path):
        self.page.goto(self.origin + path, wait_until="load")
        return self

    def shoot(self, name):
        self._shots.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(self._shots / f"{name}.png"), full_page=True)

    def faults_of_access(self):
        """What axe finds to be serious or critical, as texts."""
        self.page.evaluate(AXE)
        found = self.page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        return [f"{one['id']}: {one['help']}: {node['html'][:200]}" for one in found["violations"]
                if one["impact"] in ("serious", "critical") for node in one["nodes"]]

    def fits(self):
        """Whether nothing is wider than the window."""
        return self.page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")

    def check(self, expected=()):
        """Nothing was met but errors that contain one of the expected texts."""
        wrong = [one for one in self.errors if not any(each in one for each in expected)]
        assert wrong == [] and self.foreign == [], (wrong, self.foreign)
        assert self.page.evaluate("() => globalThis.violations") == []
        assert self.page.evaluate("() => globalThis.executed") == 0

    def close(self):
        self._context.close()


@contextlib.contextmanager
def seen(browser, origin, shots, **options):
    sight = Sight(browser, origin, shots, **options)
    try:
        yield sight
    except BaseException:
        with contextlib.suppress(Exception):
            sight.shoot("failed")
        raise
    finally:
        sight.close()
