"""Machines within the machine: namespaces of network, processes and mounts. All that is made in them, from processes to rules of the
packet filter, ends with them, also when the tests are killed."""

import contextlib
import ctypes
import os
import pathlib
import shutil
import subprocess

from driver.program import eventually

CLONE_NEWNET = 0x40000000  # unshare(2)

# What a kubelet sets for the whole machine. Within a sandbox it finds them set already, in files of its own.
SETTINGS = {"vm/overcommit_memory": 1, "vm/panic_on_oom": 0, "kernel/panic": 10, "kernel/panic_on_oops": 1,
            "kernel/keys/root_maxkeys": 1000000, "kernel/keys/root_maxbytes": 25000000}

# The first process of a sandbox: it reaps what others leave behind, and ends, with all the others, when nobody holds its input.
# /mnt is the sandbox's own folder, by a name that is short enough for sockets.
FIRST = """
set -eu
mount --bind "$1" /mnt
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/log
mkdir /mnt/lib /mnt/lib.work
mount -t overlay -o lowerdir=/var/lib,upperdir=/mnt/lib,workdir=/mnt/lib.work overlay /var/lib
for each in /mnt/settings/*/* /mnt/settings/*/*/*; do
  [ ! -f "$each" ] || [ ! -e "/proc/sys/${each#/mnt/settings/}" ] || mount --bind "$each" "/proc/sys/${each#/mnt/settings/}"
done
ip link set lo up
echo made
read -r _ || true
"""


def run(*command, check=True, timeout=120, text=None, env=None):
    """Runs a command to its end and returns what it printed."""
    done = subprocess.run([*map(str, command)], input=text, capture_output=True, text=True, timeout=timeout, env=env, check=False)
    assert done.returncode == 0 or not check, f"{' '.join(map(str, command))}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
    return done.stdout.strip()


def _system_call(name, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")


@contextlib.contextmanager
def own_network():
    """Moves the calling thread, and all that it starts, into a network of its own, which has only loopback."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        _system_call("unshare", CLONE_NEWNET)
        run("ip", "link", "set", "lo", "up")
        yield
    finally:
        _system_call("setns", home, CLONE_NEWNET)
        os.close(home)


@contextlib.contextmanager
def network_of(pid):
    """Moves the calling thread, and all that it starts, into the network of a process."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        there = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
        try:
            _system_call("setns", there, CLONE_NEWNET)
        finally:
            os.close(there)
        yield
    finally:
        _system_call("setns", home, CLONE_NEWNET)
        os.close(home)


class Sandbox:
    """A machine with a network, processes and mounts of its own, but the files of this one. `folder` is its /mnt."""

    def __init__(self, name, folder):
        self.name, self.folder = name, pathlib.Path(folder)
        for setting, value in SETTINGS.items():
            file = self.folder / "settings" / setting
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{value}\n", encoding="utf-8")
        (self.folder / "log").mkdir()
        self.started = {}
        self._outer = subprocess.Popen(
            ["unshare", "--net", "--pid", "--mount", "--mount-proc", "--fork", "--kill-child", "bash", "-c", FIRST, name, self.folder],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if self._outer.stdout.readline() != "made\n":
            self._outer.stdin.close()
            raise AssertionError(f"the sandbox {name} was not made: {self._outer.stderr.read()}")
        self.pid = int(run("pgrep", "--parent", self._outer.pid))

    def inside(self, *command):
        """The command, to be run in the sandbox."""
        return ["nsenter", f"--target={self.pid}", "--net", "--pid", "--mount", "--", *map(str, command)]

    def run(self, *command, **options):
        return run(*self.inside(*command), **options)

    def start(self, name, *command, env=None):
        """Starts a server, whose output is `log(name)`."""
        with self.log(name).open("ab") as log:
            self.started[name] = subprocess.Popen(self.inside(*command), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                  env={**os.environ, **(env or {})})

    def log(self, name):
        return self.folder / "log" / f"{name}.log"

    def check(self):
        """No server has ended by itself."""
        for name, process in self.started.items():
            assert process.poll() is None, f"{name} of {self.name} ended: {self.log(name).read_text(encoding='utf-8')[-3000:]}"

    def close(self):
        """Ends every process in it and removes its folder: none of its mounts is left."""
        self._outer.stdin.close()
        self._outer.wait(30)
        for process in self.started.values():
            process.wait(30)
        eventually(lambda: not pathlib.Path(f"/proc/{self.pid}").exists(), 30, "the end of a sandbox")
        shutil.rmtree(self.folder)
