"""The reference platform as separate processes that call one another."""

import contextlib
import pathlib

from driver.ports import free_ports
from driver.program import Program, eventually

# D and F share a process while the queue between them is in its file.
PROCESSES = {"service-a": ["service-a"], "service-b": ["service-b"], "service-c": ["service-c"],
             "service-d": ["service-d", "service-f"], "service-e": ["service-e"], "service-g": ["service-g"],
             "service-h": ["service-h"], "service-rev-proxy": ["service-rev-proxy"]}
APART = {"service-d": ["service-d"], "service-f": ["service-f"]}  # where a broker carries it


REFERENCE = pathlib.Path(__file__).parent.parent.parent / "deploy/topologies/reference-2019.yaml"


def with_short_breakers(folder):
    """The platform of 2019 with breakers that open for a second, so that many outages fit into a test."""
    file = folder / "short-breakers.yaml"
    file.write_text(REFERENCE.read_text().replace("\nnode:\n", "\nnode:\n  outbound: {breaker: {open: 1s}}\n"))
    return str(file)


def url_variable(service):
    return service.upper().replace("-", "_") + "_URL"


class Cluster:
    """The processes by the name of their first service. Each keeps its ports and its data over restarts."""

    def __init__(self, folder, over="grpc", env=None, arguments=()):
        self.folder, self.over, self.arguments = folder, over, arguments
        self.processes = {**PROCESSES, **APART} if "RABBITMQ_CONN" in (env or {}) else PROCESSES
        ports = iter(free_ports(2 * len(self.processes)))
        self.http = {name: f"127.0.0.1:{next(ports)}" for name in self.processes}
        self.grpc = {name: f"127.0.0.1:{next(ports)}" for name in self.processes}
        self.env = {url_variable(name): self.address(name) for name in self.processes if name != "service-rev-proxy"}
        self.env.update(env or {})
        self.running = {}

    def address(self, name, over=None):
        """Where others find a service: the value of its SERVICE_X_URL."""
        return self.grpc[name] if (over or self.over) == "grpc" else f"http://{self.http[name]}"

    def begin(self, name):
        """Starts a process and does not wait."""
        services = [word for service in self.processes[name] for word in ("--service", service)]
        program = Program(self.folder / name, *self.arguments, *services, "--grpc", self.grpc[name], http=self.http[name],
                          env=self.env)
        self.running[name] = program
        return program

    def start(self, *names):
        """Starts processes, all when none is named, and waits until each is ready."""
        names = names or tuple(self.processes)
        for name in names:
            self.begin(name)
        for name in names:
            self.running[name].wait_until_ready()
        return self

    def restart(self, name):
        """Kills a process and starts it again."""
        self.running[name].kill()
        self.start(name)

    @property
    def gateway(self):
        return self.running["service-rev-proxy"]

    def greet(self, **options):
        return self.gateway.get("/api/v1/greeting", **options)

    def wait_until_complete(self, within=30):
        """Until an answer lacks nothing; breakers and reconnections need their time."""
        def complete():
            answer = self.greet()
            return answer.status == 200 and "troupe-missing" not in answer.headers and answer
        return eventually(complete, within, "a complete answer")

    def files(self):
        """The data file of each service whose effects are stored, by the name that its greetings have."""
        return {f"Service-{letter.upper()}": self.folder / f"service-{letter}" / "troupe.sqlite" for letter in "cdgh"}

    def check_alive(self):
        """None has ended by itself."""
        for name, program in self.running.items():
            assert program.process.poll() is None, f"{name} ended with {program.process.returncode}: {program.errors}"

    def kill(self):
        for program in self.running.values():
            program.kill()


@contextlib.contextmanager
def cluster(folder, *names, **options):
    """A cluster that is ready, and that is gone afterwards."""
    made = Cluster(folder, **options)
    try:
        yield made.start(*names)
    finally:
        made.kill()
