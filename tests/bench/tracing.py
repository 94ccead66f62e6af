#!/usr/bin/env python3
"""What tracing costs: the chain without effects over HTTP, without spans, with 1 % of the calls sampled and with all of them, in the
same rounds. Spans are exported over HTTP to a listener on the same cores that takes them unread.

tracing.py FOLDER [ROUNDS [SECONDS]]; TROUPE_PROGRAM names the program.
"""

import contextlib
import http.server
import pathlib
import shutil
import sys
import threading

from measuring import HERE, Load, report

from driver.program import running

TOPOLOGY = HERE / "without-effects.yaml"


class Taker(http.server.BaseHTTPRequestHandler):
    """Answers every request with an empty message."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):  # noqa: N802: the library's name
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def taking():
    """A collector that keeps nothing; gives its URL."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Taker) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def measure(folder, seconds, env):
    """The rate, the memory that is the process's own afterwards, and how many of the calls were left out of the traces, in percent."""
    with running(folder, str(TOPOLOGY), env=env) as program:
        warm = Load(program.http, 1)
        load = Load(program.http, seconds)
        memory = program.anonymous_memory() / 1e6
        left_out = 100 * program.metric("troupe_traces_left_out_total") / (warm.requests + load.requests)
    shutil.rmtree(folder)
    return load.rate, memory, left_out


def main(folder, rounds=5, seconds=10):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True)
    with taking() as url:
        exported = {"OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_TRACES_SAMPLER": "parentbased_traceidratio"}
        variants = {"off": {"OTEL_SDK_DISABLED": "true"}, "1 %": {**exported, "OTEL_TRACES_SAMPLER_ARG": "0.01"},
                    "all": {**exported, "OTEL_TRACES_SAMPLER_ARG": "1"}}
        found = {name: [] for name in variants}
        for _ in range(int(rounds)):
            for name, env in variants.items():
                found[name].append(measure(folder / "data", seconds, env))
    rates, memory, left_out = ({name: [each[column] for each in all] for name, all in found.items()} for column in range(3))
    report("chain without effects, 1 % traced, rate", "requests/s", rates["1 %"], rates["off"], "ratio >= 0.97")
    report("chain without effects, all traced, rate", "requests/s", rates["all"], rates["off"], "ratio >= 0.85")
    report("calls of these that the exporter had no room for", "%", left_out["all"])
    report("memory that tracing adds", "MB", [with_it - without for with_it, without in zip(memory["all"], memory["off"])], target="value <= 10")


if __name__ == "__main__":
    main(*sys.argv[1:])
