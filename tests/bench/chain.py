#!/usr/bin/env python3
"""The whole chain over HTTP, with its effects and without them, against a bare Beast server in the same rounds.

chain.py FOLDER [ROUNDS [SECONDS]]; FOLDER is on the disk to be measured, TROUPE_PROGRAM names the program.
"""

import contextlib
import pathlib
import shutil
import subprocess
import sys

from measuring import HERE, PROJECT, Load, anchor_server, report

from driver.program import eventually, running
from driver.stored import query, waiting

WITH_EFFECTS = PROJECT / "deploy/topologies/reference-2019.yaml"
WITHOUT_EFFECTS = HERE / "without-effects.yaml"
STORING = ("service-c", "service-f", "service-g", "service-h")


@contextlib.contextmanager
def anchor(*arguments):
    """An anchor server; gives its address."""
    process = subprocess.Popen([anchor_server(), *map(str, arguments)], stdout=subprocess.PIPE, text=True)
    try:
        yield f"127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait(30)


class Rounds:
    """The rounds of one comparison."""

    def __init__(self, folder, topology, seconds):
        self.folder, self.topology, self.seconds = folder, topology, seconds
        self.effects = topology == WITH_EFFECTS
        self.answer = folder / "answer.json"
        self.anchor, self.ours = [], []

    def run(self):
        self.anchor.append(self._measure_anchor())
        self.ours.append(self._measure_ours())

    def record_answer(self):
        """What the anchor answers is what the program answered once."""
        with self._program() as program:
            self.answer.write_bytes(program.get("/api/v1/greeting").body)
        self._clear()

    def _program(self):
        return running(self.folder / "ours", str(self.topology))

    def _clear(self):
        for place in ("ours", "anchor"):
            shutil.rmtree(self.folder / place, ignore_errors=True)

    def _measure_anchor(self):
        (self.folder / "anchor").mkdir()
        effects = ("--effects", self.folder / "anchor/anchor.sqlite") if self.effects else ()
        with anchor(self.answer, *effects) as address:
            result = Load.warmed(address, self.seconds)
        self._clear()
        return result

    def _measure_ours(self):
        with self._program() as program:
            result = Load.warmed(program.http, self.seconds)
            assert program.metric("troupe_greeter_shortfalls_total") == 0, "some answers were not complete"
            if self.effects:
                self._check_effects(program.file, result.requests)
        self._clear()
        return result

    @staticmethod
    def _check_effects(file, requests):
        eventually(lambda: waiting(file, "service-d") == 0, 120, "an empty queue")
        counts = dict(query(file, "SELECT database, count(*) FROM documents GROUP BY database"))
        assert set(counts) == set(STORING) and len(set(counts.values())) == 1, f"the effects differ: {counts}"
        assert min(counts.values()) >= requests, f"{requests} answers, but {counts} documents"

    def report(self, name, of_rate, of_p99):
        report(f"{name}, rate", "requests/s", [r.rate for r in self.ours], [r.rate for r in self.anchor], of_rate)
        report(f"{name}, p50", "ms", [r.p50 for r in self.ours], [r.p50 for r in self.anchor])
        report(f"{name}, p99", "ms", [r.p99 for r in self.ours], [r.p99 for r in self.anchor], of_p99)


def main(folder, rounds=5, seconds=10):
    folder = pathlib.Path(folder)
    compared = [Rounds(folder / "with", WITH_EFFECTS, seconds), Rounds(folder / "without", WITHOUT_EFFECTS, seconds)]
    for each in compared:
        each.folder.mkdir(parents=True)
        each.record_answer()
    for _ in range(int(rounds)):
        for each in compared:
            each.run()
    compared[0].report("chain with effects", "ratio >= 0.5", "ratio <= 2")
    compared[1].report("chain without effects", "ratio >= 0.15", "")


if __name__ == "__main__":
    main(*sys.argv[1:])
