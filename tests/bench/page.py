#!/usr/bin/env python3
"""What an open operator's page costs the program: its processor time with a view open in a browser, less that of the same time
without one, while ten calls a second go through the whole platform.

page.py FOLDER [ROUNDS [SECONDS]]; TROUPE_PROGRAM names the program. Needs the browser of tests/page/prepare.
"""

import pathlib
import sys
import threading
import time

from measuring import report
from process import processor_seconds

from driver.browser import chromium
from driver.program import eventually, running

VIEWS = ("tree", "flows", "traces", "dead-letters", "logs", "settings", "faults")
EVERY = 0.1  # seconds between calls


class Calls:
    """A call at a steady pace, for as long as the block takes."""

    def __init__(self, program):
        self._program, self._over = program, threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        due = time.monotonic()
        while not self._over.wait(max(0.0, due - time.monotonic())):
            assert self._program.get("/api/v1/greeting").status == 200
            due += EVERY

    def __enter__(self):
        self._thread.start()

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()


def share(program, seconds):
    """Of one core, in percent."""
    before, begun = processor_seconds(program), time.monotonic()
    time.sleep(seconds)
    return 100 * (processor_seconds(program) - before) / (time.monotonic() - begun)


def with_view(program, browser, view, seconds):
    page = browser.new_page()
    try:
        page.goto(f"http://{program.admin}/#/{view}")
        page.wait_for_selector("#connection[data-state=live]")
        time.sleep(1)  # what opening it costs
        return share(program, seconds)
    finally:
        page.close()
        eventually(lambda: program.metric("troupe_http_subscribers") == 0, awaited="nobody who looks on")


def main(folder, rounds=3, seconds=20):
    closed, opened = [], {view: [] for view in VIEWS}
    with running(pathlib.Path(folder)) as program, chromium() as browser, Calls(program):
        time.sleep(2)  # what the start left to do
        for _ in range(int(rounds)):
            closed.append(share(program, float(seconds)))
            for view in VIEWS:
                opened[view].append(with_view(program, browser, view, float(seconds)))
    for view, shares in opened.items():
        report(f"operator's page open at its {view.replace('-', ' ')}, processor time added", "% of a core",
             [mine - without for mine, without in zip(shares, closed)], target="value < 1")


if __name__ == "__main__":
    main(*sys.argv[1:])
