#!/usr/bin/env python3
"""The process itself: how soon it is ready, what it costs at rest, what it holds after many requests.

process.py FOLDER [STARTS [REQUESTS [IDLE_SECONDS]]]; TROUPE_PROGRAM names the program.
"""

import os
import pathlib
import subprocess
import sys
import time

from measuring import report

from driver.program import Program, eventually, running
from driver.stored import waiting


def seconds_until_ready(data):
    """From the start of the process to its first 200 on /readyz."""
    program = Program(data)
    try:
        program.wait_until_listening()
        while program.get("/readyz").status != 200:
            time.sleep(0.001)
        return time.monotonic() - program.started
    finally:
        program.end()


def processor_seconds(program):
    fields = pathlib.Path(f"/proc/{program.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def idle_share(program, seconds):
    """Of one core, in percent."""
    time.sleep(2)  # what the start left to do
    before, begun = processor_seconds(program), time.monotonic()
    time.sleep(seconds)
    return 100 * (processor_seconds(program) - before) / (time.monotonic() - begun)


def memory_after(program, requests):
    """Anonymous resident memory in MB when so many more requests and all their effects are done."""
    subprocess.run(["hey", "-n", str(requests), "-c", "25", f"http://{program.http}/api/v1/greeting"], check=True,
                   stdout=subprocess.DEVNULL)
    eventually(lambda: waiting(program.file, "service-d") == 0, 120, "an empty queue")
    return program.anonymous_memory() / 1e6


def main(folder, starts=5, requests=100_000, idle_seconds=20):
    folder, half = pathlib.Path(folder), int(requests) // 2
    used = folder / "used"
    report("ready after start, new data folder", "s",
         [seconds_until_ready(folder / f"new-{n}") for n in range(int(starts))], target="value < 1")
    with running(used) as program:
        report("processor time at rest", "% of a core", [idle_share(program, int(idle_seconds))], target="value < 1")
        at_half, at_end = memory_after(program, half), memory_after(program, half)
        program.end()
    report(f"anonymous memory after {2 * half} requests", "MB", [at_end], target="value < 60")
    report(f"its growth since request {half}", "MB", [at_end - at_half], target="value <= 1")
    report(f"ready after start, data of {2 * half} requests", "s", [seconds_until_ready(used) for _ in range(int(starts))],
         target="value < 1")


if __name__ == "__main__":
    main(*sys.argv[1:])
