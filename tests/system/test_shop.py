"""examples/shop with each service in a process of its own, over gRPC, Kafka or RabbitMQ, and MongoDB; examples/8-worker prints its labels."""

import contextlib
import http.client
import json
import pathlib
import subprocess
import threading
import uuid

import pytest

from driver.kafka import kafka
from driver.mongodb import mongodb
from driver.ports import free_ports
from driver.program import eventually, example_path, run_once, running
from driver.rabbitmq import rabbitmq
from driver.stored import documents

SHOP, WORKER = example_path("shop"), example_path("8-worker")
EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"
SERVICES = ("stock", "orders", "shipping")
KILLS = 2  # of each process
BEFORE_A_KILL = 40  # orders
PAUSE = 0.1  # seconds


class Customers:
    """They place an order every `PAUSE`. One that gets no answer, or is asked to try again, places the same order again under its id."""

    def __init__(self, address, clients=4):
        self.placed, self.repeated, self.refused = set(), 0, []
        self._address, self._stop = address, threading.Event()
        self._threads = [threading.Thread(target=self._order, daemon=True) for _ in range(clients)]
        for thread in self._threads:
            thread.start()

    def _order(self):
        while not self._stop.wait(PAUSE):
            order = str(uuid.uuid4())
            while not self._is_placed(order):
                self.repeated += 1
                self._stop.wait(0.05)

    def _is_placed(self, order):
        connection = http.client.HTTPConnection(self._address, timeout=20)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
            connection.request("POST", "/v1/orders", json.dumps({"item": "tea", "count": 1}), {"Troupe-Call-Id": order})
            answer = connection.getresponse()
            body = answer.read()
            if answer.status == 200:
                self.placed.add(json.loads(body)["order"])
                return True
            if answer.status not in (503, 504):
                self.refused.append((answer.status, body))
        return False

    def end(self):
        """Waits until each has placed its last order."""
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive(), "an order was never placed"


@pytest.fixture(scope="module", name="servers")
def servers_with_environment(tmp_path_factory):
    folder = tmp_path_factory.mktemp("servers")
    with kafka(folder / "kafka") as streams, rabbitmq(folder / "rabbitmq") as queues, mongodb(folder / "mongodb") as store:
        environment = {"KAFKA_BROKERS": streams.bootstrap, "KAFKA_ENCRYPTION": "none", "RABBITMQ_CONN": queues.url(),
                       "MONGO_CONN": store.uri()}
        yield store, environment


@pytest.fixture(name="topology", params=["kafka", "rabbitmq"])
def topology_of_the_shop(request, servers, tmp_path):
    """The example's, whose topics have the one replica that the test's broker can have; or with its orders in a queue."""
    text = (EXAMPLES / "shop/shop.yaml").read_text()
    given = "  orders: {via: kafka, partitions: 6, encoding: json}\n"
    assert given in text
    text = text.replace(given, given.replace("6,", "6, replicas: 1,"))
    if request.param == "rabbitmq":
        text = text.replace("streams:\n", "").replace("queues:\n", "queues:\n  orders: {via: amqp}\n")
        text = "".join(line for line in text.splitlines(keepends=True) if "via: kafka" not in line)
    file = tmp_path / "shop.yaml"
    file.write_text(text)
    applied = run_once("topics", "apply", str(file), env=servers[1], program=SHOP, timeout=60)
    assert applied.returncode == 0, applied.stdout + applied.stderr
    return request.param, str(file)


@pytest.fixture(name="begin")
def starts_services(tmp_path, servers, topology):
    """Starts a service of the topology in a process of its own, at the same place each time."""
    http_ports, grpc_ports = (dict(zip(SERVICES, free_ports(len(SERVICES)))) for _ in range(2))
    environment = {**servers[1], "STOCK_URL": f"grpc://127.0.0.1:{grpc_ports['stock']}"}
    with contextlib.ExitStack() as programs:
        def start(service):
            return programs.enter_context(running(
                tmp_path / service, topology[1], "--service", service, "--grpc", f"127.0.0.1:{grpc_ports[service]}",
                http=f"127.0.0.1:{http_ports[service]}", env=environment, program=SHOP))
        yield start


def test_every_order_is_shipped_and_labelled_once_while_each_process_is_killed(begin, servers, topology, tmp_path):
    store, environment = servers

    def ids(collection):
        return [one["_id"] for one in store.documents("shop", collection)]

    earlier = set(ids("shipments"))  # of the other topology
    processes = {service: begin(service) for service in SERVICES}
    customers = Customers(processes["orders"].http)
    for service in SERVICES * KILLS:
        enough = len(customers.placed) + BEFORE_A_KILL
        eventually(lambda: len(customers.placed) >= enough, within=60, awaited=f"{BEFORE_A_KILL} orders")
        before = customers.repeated
        processes[service].kill()
        if service == "orders":
            eventually(lambda before=before: customers.repeated > before, awaited="an order that gets no answer")
        processes[service] = begin(service)
    customers.end()
    placed = customers.placed
    assert not customers.refused
    assert len(placed) >= len(SERVICES) * KILLS * BEFORE_A_KILL

    eventually(lambda: placed <= set(ids("shipments")), within=90, awaited="the shipment of every order")
    assert sorted(set(ids("shipments")) - earlier) == sorted(placed)
    assert len(ids("shipments")) == len(set(ids("shipments")))
    if topology[0] == "kafka":
        check_topic(environment["KAFKA_BROKERS"], placed)

    broker = {"RABBITMQ_CONN": environment["RABBITMQ_CONN"]}
    with running(tmp_path / "printer", str(EXAMPLES / "8-worker.yaml"), env=broker, program=WORKER) as printer:
        def printed():
            return [label["order"] for label in documents(printer.file, "printer", "printed").values()]
        eventually(lambda: placed <= set(printed()), within=60, awaited="the label of every order")
        assert sorted(one for one in printed() if one in placed) == sorted(placed)  # beside those of the other topology
        assert printer.end() == 0


def check_topic(brokers, placed):
    """The orders stand there as JSON, each under one id, however often it was published."""
    read = subprocess.run(["kcat", "-C", "-q", "-e", "-b", brokers, "-t", "orders", "-o", "beginning", "-f", r"%s\t%h\n"],
                          capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()
    by_id = {}
    for line in read:
        text, headers = line.split("\t")
        assert "content-type=application/json" in headers
        message_id, = (field for field in headers.split(",") if field.startswith("message-id="))
        by_id.setdefault(message_id, set()).add(json.loads(text)["order"])
    assert sorted(order for orders in by_id.values() for order in orders) == sorted(placed)
