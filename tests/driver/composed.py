"""The compose files as an operator runs them: docker-compose before podman's service, in a machine within the machine."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import threading

import yaml

from driver import containers
from driver.program import eventually
from driver.sandbox import Sandbox

SERVERS = pathlib.Path(__file__).parents[1] / "compose/servers"

# Containers have a network with names, by netavark and aardvark-dns. There is no systemd, whose timers would ask for their health.
ENGINE = """\
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
tmp_dir = "{root}/tmp"
env = ["DISABLE_HC_SYSTEMD=true"]
[network]
network_backend = "netavark"
network_config_dir = "{root}/networks"
[containers]
log_driver = "k8s-file"
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
"""
STORAGE = """\
[storage]
driver = "overlay"
graphroot = "{root}/images"
runroot = "{root}/containers"
[storage.options]
additionalimagestores = ["{images}"]
"""


def server_image(name, folder, **given):
    """Builds the image that stands for the publisher's image of a server. `given` are files and folders that its recipe copies."""
    context = folder / name
    shutil.copytree(SERVERS / name, context)
    for target, source in given.items():
        if source.is_dir():
            shutil.copytree(source, context / target)
        else:
            shutil.copy(source, context / target)
    tag = f"localhost/{name}:composed"
    containers.run("buildah", "bud", "--isolation=chroot", "--network=host", "--layers", "--timestamp=0", "--pull-never",
                   f"--build-arg=DEBIAN={containers.base()}", f"--tag={tag}", str(context), timeout=600)
    return tag


class Engine:
    """Podman's service with containers and networks of its own, which sees the images of `driver.containers`."""

    root = "/mnt"  # the sandbox's own name of its folder

    def __init__(self, folder):
        folder.mkdir()
        self.sandbox = Sandbox("compose", folder)
        self.folder = folder
        (folder / "storage.conf").write_text(STORAGE.format(root=self.root, images=containers.TOOLS / "containers/images"), encoding="utf-8")
        (folder / "containers.conf").write_text(ENGINE.format(root=self.root), encoding="utf-8")
        settings = {"CONTAINERS_STORAGE_CONF": f"{self.root}/storage.conf", "CONTAINERS_CONF": f"{self.root}/containers.conf"}
        self.environment = {**os.environ, **settings, "DOCKER_HOST": f"unix://{self.root}/podman.sock", "COMPOSE_HTTP_TIMEOUT": "300"}
        self._ends = threading.Event()
        self._health = threading.Thread(target=self._ask_for_health, daemon=True)

    def start(self):
        self.sandbox.start("podman", "podman", "system", "service", "--time=0", f"unix://{self.root}/podman.sock", env=self.environment)
        eventually((self.folder / "podman.sock").exists, 30, "podman's service")
        self._health.start()
        return self

    def podman(self, *arguments, check=True, timeout=120):
        return self.sandbox.run("podman", *arguments, env=self.environment, check=check, timeout=timeout)

    def close(self):
        self._ends.set()
        if self._health.is_alive():
            self._health.join(120)
        self.sandbox.close()

    def _ask_for_health(self):
        """In the place of systemd's timers: asks each container that has a check, again and again."""
        while not self._ends.wait(1):
            for each in self.podman("ps", "--format={{.ID}}", check=False).split():
                self.podman("healthcheck", "run", each, check=False)  # fails where there is no check


class Project:
    """A compose file whose images are named by `images`, the variables of .env. `more` is merged into the file."""

    known = []  # those that are there

    def __init__(self, engine, folder, file, name, images, more=None):
        self.engine, self.folder, self.name = engine, folder, name
        self.files = [f"--file={folder / file}"]
        if more:
            extra = folder / f"{name}-more.yaml"
            extra.write_text(yaml.safe_dump(more), encoding="utf-8")
            self.files.append(f"--file={extra}")
        self.environment = {**engine.environment, **images}

    def compose(self, *arguments, timeout=300):
        return self.engine.sandbox.run("docker-compose", f"--project-directory={self.folder}", f"--project-name={self.name}", *self.files, *arguments,
                                       env=self.environment, timeout=timeout)

    def inspected(self, service):
        return json.loads(self.engine.podman("inspect", f"{self.name}_{service}_1"))[0]

    def state(self, service):
        return self.inspected(service)["State"]

    def health(self, service):
        state = self.state(service)
        return (state.get("Health") or state.get("Healthcheck") or {}).get("Status") if state["Running"] else "not running"

    def wait_healthy(self, *services, within=120):
        for service in services:
            eventually(lambda service=service: self.health(service) == "healthy", within, f"the health of {service}: {self.health(service)}")

    def passes_check(self, service):
        """Whether the check of health that the file gives a container passes now."""
        try:
            self.engine.podman("healthcheck", "run", f"{self.name}_{service}_1", timeout=60)
        except (AssertionError, subprocess.TimeoutExpired):
            return False
        return True

    def kill(self, service):
        """As the kernel does it: nobody has asked the container to stop. Waits until it is started again."""
        before = self.state(service)
        self.engine.sandbox.run("kill", "-KILL", before["Pid"])
        eventually(lambda: self.state(service)["Running"] and self.state(service)["Pid"] not in (0, before["Pid"]), 60, f"the restart of {service}")

    def address(self, service):
        [network] = self.inspected(service)["NetworkSettings"]["Networks"].values()
        return network["IPAddress"]

    def volume(self, name):
        """The folder of a volume."""
        return self.engine.folder / "images/volumes" / f"{self.name}_{name}" / "_data"

    def report(self):
        """What is to be known of it when a test fails."""
        shown = self.engine.podman("ps", "--all", "--format={{.Names}} {{.Status}}", check=False)
        for name in [line.split(" ")[0] for line in shown.splitlines()]:
            last = self.engine.sandbox.run("sh", "-c", f"podman logs --tail=15 {name} 2>&1", env=self.environment, check=False)
            shown += f"\n== {name}\n{last}"
        return shown


@contextlib.contextmanager
def engine(folder):
    made = Engine(folder)
    try:
        yield made.start()
    finally:
        made.close()


@contextlib.contextmanager
def project(made, *arguments, **options):
    """A project that is up, and that is gone with its volumes afterwards."""
    one = Project(made, *arguments, **options)
    Project.known.append(one)
    try:
        yield one
    except BaseException:
        print(one.report())
        raise
    finally:
        Project.known.remove(one)
        made.podman("stop", "--all", "--time=5")  # one that is started again and again is not seen by `down`
        one.compose("down", "--volumes", "--timeout=5")


