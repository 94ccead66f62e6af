#!/usr/bin/env python3
"""A contract of a service author's over gRPC and through REST, against bare servers in the same rounds, and as a coroutine
against a callback.

contracts.py [ROUNDS [SECONDS]]; TROUPE_PROGRAM names the program.
"""

import contextlib
import subprocess
import sys

from measuring import Load, report
from processes import BIN, measure


@contextlib.contextmanager
def serving(*command):
    """A server that prints its port; gives its address."""
    with subprocess.Popen([BIN / command[0], *command[1:]], stdout=subprocess.PIPE, text=True) as one:
        try:
            yield f"127.0.0.1:{int(one.stdout.readline())}"
        finally:
            one.terminate()


class Rest:
    """Rounds of the contract through REST; further words are those of both servers."""

    def __init__(self, seconds):
        self.seconds, self.ours, self.anchor = seconds, [], []

    def run(self, *words):
        for command, seen in ((["bench_anchor_rest"], self.anchor), (["bench_contract_server", "--rest"], self.ours)):
            with serving(*command, *words) as address:
                seen.append(Load.warmed(address, self.seconds))

    def report(self, name, target=""):
        report(f"{name}, rate", "requests/s", [r.rate for r in self.ours], [r.rate for r in self.anchor], target)
        report(f"{name}, p99", "ms", [r.p99 for r in self.ours], [r.p99 for r in self.anchor])


def main(rounds=11, seconds=5):
    bare, coroutine, callback = [], [], []
    rest, alone = Rest(int(seconds)), Rest(int(seconds))
    for _ in range(int(rounds)):
        for command, seen in ((["bench_anchor_grpc"], bare), (["bench_contract_server"], coroutine),
                              (["bench_contract_server", "--callback"], callback)):
            with serving(*command) as address:
                seen.append(measure(address, 1, float(seconds)))
        with serving("bench_anchor_grpc") as address:
            rest.run("--before", address)
        alone.run()
    report("contract over gRPC, rate", "calls/s", [r.rate for r in coroutine], [r.rate for r in bare], "ratio >= 0.8")
    report("contract over gRPC, p50", "ms", [r.p50 for r in coroutine], [r.p50 for r in bare])
    report("contract over gRPC, p99", "ms", [r.p99 for r in coroutine], [r.p99 for r in bare], "ratio <= 1.3")
    report("coroutine against callback, rate", "calls/s", [r.rate for r in coroutine], [r.rate for r in callback],
         "ratio >= 0.9")
    rest.report("contract through REST, before its gRPC server", "ratio >= 0.8")
    alone.report("contract through REST, in one process")


if __name__ == "__main__":
    main(*sys.argv[1:])
