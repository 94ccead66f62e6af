"""What the benchmarks share: figures as results.py reads them, and load."""

import json
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
PROJECT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))  # the driver of the system tests

UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}  # in milliseconds


def report(name, unit, ours, anchor=(), target=""):
    """Prints a figure: one value per round of ours, and of the anchor in the same round."""
    print(json.dumps({"name": name, "unit": unit, "anchor": list(anchor), "ours": list(ours), "target": target}), flush=True)


def anchor_server():
    return pathlib.Path(os.environ["TROUPE_PROGRAM"]).parent / "bench_anchor_server"


class Load:
    """What wrk saw of a server."""

    def __init__(self, address, seconds, path="/api/v1/greeting"):
        command = ["wrk", "-t1", "-c25", f"-d{seconds}s", "--latency", f"http://{address}{path}"]
        report = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert not re.search(r"Non-2xx|Socket errors", report), f"not every request was answered well:\n{report}"
        self.rate = float(re.search(r"Requests/sec:\s+([\d.]+)", report)[1])
        self.requests = int(re.search(r"(\d+) requests in", report)[1])
        self.p50, self.p99 = (self._quantile(report, share) for share in (50, 99))

    @classmethod
    def warmed(cls, address, seconds):
        """The same after one second that does not count."""
        cls(address, 1)
        return cls(address, seconds)

    @staticmethod
    def _quantile(report, share):
        found = re.search(rf"^\s+{share}%\s+([\d.]+)(us|ms|s|m)$", report, re.MULTILINE)
        return float(found[1]) * UNITS[found[2]]
