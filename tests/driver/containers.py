"""Images and containers in a storage of the tests' own, without a daemon. Where a machine cannot run any, as without root or in a
container that may not make another, the tests are left out and `tests/run` says so."""

import contextlib
import functools
import json
import os
import pathlib
import subprocess
import sys
import time
import uuid

from driver.missing import not_run

TOOLS = pathlib.Path(sys.prefix)  # the folder of tests/prepare
REPOSITORY = pathlib.Path(__file__).parents[2]
BASE = "localhost/debian:12"

STORAGE = '[storage]\ndriver = "overlay"\ngraphroot = "{root}/images"\nrunroot = "{root}/run"\n'
# Without systemd, and where there are no control groups of version 2.
ENGINE = '[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n[containers]\nlog_driver = "k8s-file"\n'
LIMITS = "--ulimit=nofile=4096:4096 --ulimit=nproc=4096:4096"  # no higher than those of the tests themselves
POLICY = '{"default": [{"type": "insecureAcceptAnything"}]}'


@functools.lru_cache(maxsize=None)
def _settings():
    root = TOOLS / "containers"
    root.mkdir(exist_ok=True)
    for name, text in (("storage.conf", STORAGE.format(root=root)), ("containers.conf", ENGINE), ("policy.json", POLICY)):
        (root / name).write_text(text, encoding="utf-8")
    return {**os.environ, "CONTAINERS_STORAGE_CONF": f"{root}/storage.conf", "CONTAINERS_CONF": f"{root}/containers.conf"}


@functools.lru_cache(maxsize=None)
def _obstacle():
    """Why no container can run here, tried with the base alone; None where one can."""
    if os.geteuid() != 0:
        return "not root"
    archive, net = TOOLS / "share/debian.tar", f"troupe-{uuid.uuid4().hex[:8]}"
    if not archive.exists():
        return "tests/prepare could not make the base of images"
    steps = ["set -e", f"ip netns add {net}"]
    if not _done("buildah", "images", "--quiet", "--filter", f"reference={BASE}").stdout.strip():
        steps += ["container=$(buildah from scratch)", f"buildah add --quiet $container {archive} /",
                  f"buildah commit --quiet $container {BASE}", "buildah rm $container"]
    steps.append(f"podman run --rm --network=ns:/run/netns/{net} --read-only --read-only-tmpfs=false --cap-drop=all --memory=64m "
                 f"--security-opt=no-new-privileges {LIMITS} --user=65532 {BASE} true")
    done = _done("bash", "-c", "\n".join(steps))
    _done("ip", "netns", "del", net)
    return None if done.returncode == 0 else (done.stderr.strip().splitlines() or ["no container ran"])[-1]


def environment():
    """Leaves the test out where no container can run."""
    if _obstacle():
        not_run(f"containers cannot run here ({_obstacle()}): no image was built and run")
    return _settings()


def _done(*command, timeout=300):
    return subprocess.run(command, env=_settings(), capture_output=True, text=True, timeout=timeout, check=False)


def run(*command, check=True, timeout=300):
    environment()
    done = _done(*command, timeout=timeout)
    assert done.returncode == 0 or not check, f"{' '.join(command)}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
    return done.stdout.strip()


def base():
    """The base of the images, from the archive that tests/prepare made."""
    environment()
    return BASE


def inspected(image):
    return json.loads(run("buildah", "inspect", "--type", "image", image))


@contextlib.contextmanager
def mounted(image):
    """The root folder of an image."""
    container = run("buildah", "from", "--pull-never", image)
    try:
        yield pathlib.Path(run("buildah", "mount", container))
    finally:
        run("buildah", "rm", container)


@contextlib.contextmanager
def network():
    """A network namespace with nothing but loopback."""
    name = f"troupe-{uuid.uuid4().hex[:8]}"
    run("ip", "netns", "add", name)
    try:
        run("nsenter", f"--net=/run/netns/{name}", "ip", "link", "set", "lo", "up")
        yield name
    finally:
        run("ip", "netns", "del", name)


class Container:
    """A container as a cluster runs it: a read-only root, no capabilities, no new privileges."""

    def __init__(self, image, net, *arguments, options=()):
        self.net = net
        self.id = run("podman", "run", "--detach", f"--network=ns:/run/netns/{net}", "--read-only", "--read-only-tmpfs=false",
                      "--cap-drop=all", "--security-opt=no-new-privileges", *LIMITS.split(), *options, image, *arguments)

    def state(self):
        return json.loads(run("podman", "inspect", self.id))[0]["State"]

    def status(self):
        """Of the first process, as proc(5) has it."""
        lines = pathlib.Path(f"/proc/{self.state()['Pid']}/status").read_text(encoding="utf-8").splitlines()
        return {key: value.split() for key, _, value in (line.partition(":") for line in lines)}

    def logs(self):
        done = subprocess.run(["podman", "logs", self.id], env=environment(), capture_output=True, text=True, timeout=60, check=True)
        return done.stdout + done.stderr

    def inside(self, *command, check=True):
        """Runs a command of this machine in the container's network."""
        return run("nsenter", f"--net=/run/netns/{self.net}", *command, check=check)

    def get(self, path):
        return self.inside("curl", "--silent", "--show-error", "--write-out", "\n%{http_code}", f"http://localhost:8080{path}",
                           check=False).rpartition("\n")[::2]

    def wait_ready(self, seconds=20):
        until = time.monotonic() + seconds
        while self.get("/readyz")[1] != "200":
            assert time.monotonic() < until and self.state()["Running"], self.logs()
            time.sleep(0.05)  # a container has no event for it

    def remove(self):
        run("podman", "rm", "--force", "--time=0", self.id)


@contextlib.contextmanager
def running(image, net, *arguments, options=()):
    container = Container(image, net, *arguments, options=options)
    try:
        yield container
    finally:
        container.remove()
