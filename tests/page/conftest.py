import os
import pathlib

import pytest
from playwright.sync_api import expect

from driver.administration import administration
from driver.browser import chromium, seen

expect.set_options(timeout=20_000)  # a page tries a program that is away every 10 s at least

# The workers of pytest-xdist each have a browser of their own.


@pytest.fixture(name="browser", scope="session")
def one_browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def shots(request, tmp_path):
    """Where the screenshots of a test are kept: its own folder, or one of TROUPE_SCREENSHOTS."""
    kept = os.environ.get("TROUPE_SCREENSHOTS")
    return pathlib.Path(kept) / request.node.name.replace("/", "-") if kept else tmp_path / "screenshots"


@pytest.fixture
def look(browser, shots):
    """Opens a tab at a program; at the end it must have met nothing but what the test expects, as texts of `expected`."""
    open_tabs = []

    def begin(origin, path="/", expected=(), **options):
        context = seen(browser, origin, shots, **options)
        sight = context.__enter__()
        open_tabs.append((context, sight, expected))
        return sight.open(path)

    yield begin
    try:
        for _, sight, expected in open_tabs:
            sight.check(expected)
    finally:
        for context, *_ in reversed(open_tabs):
            context.__exit__(None, None, None)


@pytest.fixture
def admin():
    with administration() as double:
        yield double
