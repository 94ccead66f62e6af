"""The form of every command that starts a server for tests: it runs a command with the server's whereabouts in its
environment, or prints them and waits."""

import argparse
import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import tempfile


def arguments(name, server):
    """A parser that knows what all of them take."""
    parser = argparse.ArgumentParser(
        prog=f"tests/servers/{name}", description=f"Starts {server} on loopback and free ports, and ends it afterwards.",
        epilog="With a COMMAND: runs it with the variables that say where the server is, and exits with its code. Without: "
               "prints these variables and waits for Ctrl-C or SIGTERM.")
    parser.add_argument("command", nargs="*", metavar="COMMAND", help="what to run; stands after --")
    return parser


class Asked(Exception):
    """A signal that asks to end."""


def _raise(number, _frame):
    raise Asked(number)


def serve(starting, command):
    """Runs a command while the server stands that `starting(folder)` makes, a context of what has an `environment()`."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _raise)
    try:
        with tempfile.TemporaryDirectory(prefix="troupe-server-") as folder, starting(pathlib.Path(folder)) as server:
            if command:
                return _run(command, {**os.environ, **server.environment()})
            print(*(f"{name}={value}" for name, value in server.environment().items()), sep="\n", flush=True)
            while True:
                signal.pause()
    except Asked as asked:
        return 0 if not command else 128 + asked.args[0]
    except AssertionError as reason:
        print(f"{sys.argv[0]}: {reason}", file=sys.stderr)
        return 1


def _run(command, env):
    try:
        child = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command], env=env)
    except OSError as reason:
        raise AssertionError(f"{command[0]}: {reason.strerror}") from None
    try:
        code = child.wait()
    except Asked:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(10)
        child.kill()
        child.wait()
        raise
    return 128 - code if code < 0 else code
