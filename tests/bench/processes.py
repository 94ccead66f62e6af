#!/usr/bin/env python3
"""Services of separate processes over gRPC, against bare callback servers in the same rounds: one service, and the chain.

processes.py FOLDER [ROUNDS [SECONDS]]; TROUPE_PROGRAM names the program.
"""

import contextlib
import json
import pathlib
import shutil
import subprocess
import sys

from measuring import HERE, report

from driver.cluster import url_variable
from driver.ports import free_ports
from driver.program import PROGRAM, running

BIN = pathlib.Path(PROGRAM).parent
WITHOUT_EFFECTS = str(HERE / "without-effects.yaml")
# Who asks whom, those that are asked first.
CHAIN = {"service-c": [], "service-d": [], "service-g": [], "service-h": [], "service-e": ["service-g", "service-h"],
         "service-b": ["service-d", "service-e"], "service-a": ["service-b", "service-c"]}


class Load:
    """What 25 callers saw of a server."""

    def __init__(self, address, greetings, seconds):
        ended = subprocess.run([BIN / "bench_grpc_load", address, "--greetings", str(greetings), "--seconds", str(seconds)],
                              capture_output=True, text=True, check=False)
        assert ended.returncode == 0, f"not every call was answered well: {ended.stderr}"
        seen = json.loads(ended.stdout)
        self.rate, self.p50, self.p99 = seen["rate"], seen["p50"], seen["p99"]


@contextlib.contextmanager
def anchors(names):
    """Bare servers; gives the address of each."""
    with contextlib.ExitStack() as held:
        addresses = {}
        for name in names:
            calls = [word for each in CHAIN[name] for word in ("--calls", addresses[each])]
            one = held.enter_context(subprocess.Popen([BIN / "bench_anchor_grpc", *calls], stdout=subprocess.PIPE, text=True))
            held.callback(one.terminate)
            addresses[name] = f"127.0.0.1:{int(one.stdout.readline())}"
        yield addresses


@contextlib.contextmanager
def ours(folder, names):
    """Processes of ours, one per service; gives the address of each, and the processes."""
    addresses = {name: f"127.0.0.1:{port}" for name, port in zip(names, free_ports(len(names)))}
    env = {url_variable(name): address for name, address in addresses.items()}
    with contextlib.ExitStack() as held:
        programs = [held.enter_context(running(folder / name, WITHOUT_EFFECTS, "--service", name, "--grpc", addresses[name],
                                               env=env)) for name in names]
        yield addresses, programs
    shutil.rmtree(folder)


def measure(address, greetings, seconds):
    Load(address, greetings, 1)  # warm
    return Load(address, greetings, seconds)


def main(folder, rounds=11, seconds=5):
    folder, rounds, seconds = pathlib.Path(folder), int(rounds), float(seconds)
    one, one_anchor, chain, chain_anchor, memory = [], [], [], [], []
    for _ in range(rounds):
        with anchors(["service-h"]) as addresses:
            one_anchor.append(measure(addresses["service-h"], 1, seconds))
        with ours(folder / "one", ["service-h"]) as (addresses, _programs):
            one.append(measure(addresses["service-h"], 1, seconds))
        with anchors(CHAIN) as addresses:
            chain_anchor.append(measure(addresses["service-a"], 7, seconds))
        with ours(folder / "chain", list(CHAIN)) as (addresses, programs):
            chain.append(measure(addresses["service-a"], 7, seconds))
            memory.append(max(program.anonymous_memory() for program in programs) / 1e6)
    report("one service over gRPC, rate", "calls/s", [r.rate for r in one], [r.rate for r in one_anchor], "ratio >= 0.7")
    report("one service over gRPC, p50", "ms", [r.p50 for r in one], [r.p50 for r in one_anchor])
    report("one service over gRPC, p99", "ms", [r.p99 for r in one], [r.p99 for r in one_anchor])
    report("chain of processes, rate", "calls/s", [r.rate for r in chain], [r.rate for r in chain_anchor], "ratio >= 0.6")
    report("chain of processes, p50", "ms", [r.p50 for r in chain], [r.p50 for r in chain_anchor])
    report("chain of processes, p99", "ms", [r.p99 for r in chain], [r.p99 for r in chain_anchor], "ratio <= 1.5")
    report("chain of processes, anonymous memory of the largest", "MB", memory, target="value < 40")


if __name__ == "__main__":
    main(*sys.argv[1:])
