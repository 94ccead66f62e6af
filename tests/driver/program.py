"""The troupe program as a child process on loopback and free ports."""

import contextlib
import json
import os
import pathlib
import queue
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

PROGRAM = os.environ.get("TROUPE_PROGRAM", "")
LEDGER = int(os.environ.get("TROUPE_LEDGER", "10000"))
# A wrapper under which fiu-ctrl makes system calls fail. libfiu stands before mmap(2) too and allocates there, where jemalloc
# is in the middle of it: so the program allocates with the C library.
FALLIBLE = ("fiu-run", "-x", "sh", "-c", 'LD_PRELOAD="$LD_PRELOAD libstdc++.so.6 libc.so.6" exec "$@"', "sh")
LISTENING = re.compile(r"listening on (\S+?)(?:, gRPC on (\S+))?, administration on (\S+), data in (.*)")


def program_path():
    """The program under test; tests fail, and never skip, when there is none."""
    assert PROGRAM and os.access(PROGRAM, os.X_OK), "TROUPE_PROGRAM does not name the program; run these through tests/run"
    return PROGRAM


def clean_environment(extra=None):
    """The environment without the variables that configure the program."""
    keep = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "TMPDIR", "ASAN_OPTIONS", "TSAN_OPTIONS")}
    # libmongoc counts in /dev/shm, under its process's id, and warns where one that was killed had the same and left a file.
    return {**keep, "MONGOC_DISABLE_SHM": "1", **(extra or {})}


def example_path(name):
    """The program of an example, which is built beside the program under test."""
    return str(pathlib.Path(program_path()).parent / f"example-{name}")


def run_once(*arguments, env=None, timeout=30, cwd=None, wrapper=(), preexec=None, program=None):
    """Runs a command of the program, or of another one on the host, that ends by itself."""
    return subprocess.run([*wrapper, program or program_path(), *arguments], env=clean_environment(env), timeout=timeout, cwd=cwd,
                          capture_output=True, text=True, check=False, preexec_fn=preexec)


def eventually(condition, within=20.0, awaited="the condition"):
    """Waits until `condition()` is true and returns its value; fails with `awaited` when it does not become so in time."""
    end = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"{awaited} did not come true within {within} s"
        time.sleep(0.02)


def reaches(count, wanted, standstill=30.0, awaited="the count"):
    """Waits until `count()` is `wanted`, however slow the machine is; fails when it has not grown for `standstill` seconds."""
    latest, end = count(), time.monotonic() + standstill
    while latest < wanted:
        if (now := count()) > latest:
            latest, end = now, time.monotonic() + standstill
        assert time.monotonic() < end, f"{awaited} stood still at {latest} of {wanted} for {standstill} s"
        time.sleep(0.02)


def pause(process):
    """Stops a child process and waits until none of its threads runs; SIGCONT lets it go on."""
    process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, process.pid, os.WSTOPPED)


class Program:
    """A running program: that under test, or another one on the host. `lines` are the log lines so far, `known` the programs of
    the present test."""

    known = []

    def __init__(self, data, *arguments, env=None, wrapper=(), http="127.0.0.1:0", admin="127.0.0.1:0", cwd=None,
                 preexec=None, program=None):
        self.data = pathlib.Path(data)
        self.lines = []
        self._seen = queue.Queue()
        command = [*wrapper, program or program_path(), "run", *arguments, "--data", str(data), "--http", http, "--admin", admin]
        self.started = time.monotonic()
        self.process = subprocess.Popen(command, env=clean_environment(env), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True, cwd=cwd, preexec_fn=preexec)
        self._readers = [threading.Thread(target=self._read_log, daemon=True),
                         threading.Thread(target=self._read_errors, daemon=True)]
        self.errors = []
        for reader in self._readers:
            reader.start()
        self.http = self.grpc = self.admin = self.file = None
        Program.known.append(self)

    def report(self, lines=30):
        """The state of the program, as far as it answers, and its latest log lines."""
        parts = [f"ended with {self.process.poll()}" if self.process.poll() is not None else "running"]
        if self.http and self.process.poll() is None:
            for path in ("/readyz", "/metrics"):
                with contextlib.suppress(OSError):
                    found = self.get(path, timeout=2).text().splitlines()
                    parts += [line for line in found if line.startswith(("{", "troupe_")) and not line.endswith(" 0")
                              and "_bucket{" not in line]
        return "\n".join([*parts, *(line.rstrip() for line in [*self.lines[-lines:], *self.errors[-lines:]])])

    def _read_log(self):
        for line in self.process.stdout:
            self.lines.append(line)
            self._seen.put(line)
        self._seen.put(None)

    def _read_errors(self):
        for line in self.process.stderr:
            self.errors.append(line)

    def wait_until_listening(self, within=20.0):
        end = time.monotonic() + within
        while self.http is None:
            try:
                line = self._seen.get(timeout=max(0.01, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"not listening within {within} s: {self.lines} {self.errors}") from None
            assert line is not None, f"ended before it listened: {self.lines} {self.errors}"
            found = LISTENING.search(json.loads(line)["msg"])
            if found:
                self.http, self.grpc, self.admin, self.file = found[1], found[2], found[3], pathlib.Path(found[4])
        return self

    def wait_until_ready(self, within=20.0):
        self.wait_until_listening(within)
        eventually(lambda: self.get("/readyz").status == 200, within, "readiness")
        return self

    def get(self, path, headers=None, method="GET", body=None, listener=None, timeout=10):
        request = urllib.request.Request(f"http://{listener or self.http}{path}", headers=headers or {}, method=method, data=body)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as refusal:
            with refusal:
                return Answer(refusal.code, refusal.headers, refusal.read())

    def ask_admin(self, path, **options):
        return self.get(path, listener=self.admin, **options)

    def tree(self):
        return self.ask_admin("/tree").json()

    def metric(self, name, **labels):
        """The sum of the metric's series with these labels."""
        total = 0.0
        for line in self.get("/metrics").text().splitlines():
            found = re.fullmatch(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)", line)
            if found and found[1] == name:
                have = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', found[2] or ""))
                if all(have.get(k) == v for k, v in labels.items()):
                    total += float(found[3])
        return total

    def anonymous_memory(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"RssAnon:\s+(\d+) kB", status)[1]) * 1024

    def end(self, how=signal.SIGTERM, within=60):
        """Asks it to end and returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.wait(within)

    def wait(self, within=60):
        code = self.process.wait(within)
        for reader in self._readers:
            reader.join(5)
        return code

    def kill(self):
        self.end(signal.SIGKILL)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def text(self):
        return self.body.decode()


@contextlib.contextmanager
def running(data, *arguments, wait=Program.wait_until_ready, **options):
    """A program that is ready, or for which `wait` has waited, and that is gone afterwards."""
    program = Program(data, *arguments, **options)
    try:
        yield wait(program)
    finally:
        if program.process.poll() is None:
            program.process.kill()
            program.process.wait(10)
