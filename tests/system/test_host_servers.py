"""The same program of an author's own, each service in a process of its own, over gRPC, Kafka or RabbitMQ, and MongoDB."""

import contextlib
import json
import subprocess

import pytest

from driver.kafka import kafka
from driver.mongodb import mongodb
from driver.program import eventually, example_path, run_once, running
from driver.rabbitmq import rabbitmq

SHOP = example_path("5-service")
SERVICES = "services:\n  stock: {address: 'grpc://127.0.0.1:1'}\n  orders: {}\n  shipping: {}\nnode: {store: mongodb}\n"
CHANNELS = {"kafka": "streams: {orders: {via: kafka, partitions: 3, replicas: 1, encoding: json}}\n",
            "rabbitmq": "queues: {orders: {via: amqp}}\n"}


@pytest.fixture(scope="module", name="database")
def database_server(tmp_path_factory):
    with mongodb(tmp_path_factory.mktemp("mongodb")) as made:
        yield made


@pytest.fixture(scope="module", name="broker", params=sorted(CHANNELS))
def broker_with_environment(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "kafka":
        with kafka(folder) as made:
            yield request.param, {"KAFKA_BROKERS": made.bootstrap, "KAFKA_ENCRYPTION": "none"}
    else:
        with rabbitmq(folder) as made:
            yield request.param, {"RABBITMQ_CONN": made.url()}


@pytest.fixture(name="begin")
def starts_services(tmp_path, database, broker):
    """Starts a service of the topology in a process of its own."""
    name, variables = broker
    topology = tmp_path / "shop.yaml"
    topology.write_text(SERVICES + CHANNELS[name])
    environment = {**variables, "MONGO_CONN": database.uri()}
    applied = run_once("topics", "apply", str(topology), env=environment, program=SHOP, timeout=60)
    assert applied.returncode == 0, applied.stdout + applied.stderr
    with contextlib.ExitStack() as programs:
        def start(service, **more):
            return programs.enter_context(running(tmp_path / service, str(topology), "--service", service, "--grpc", "127.0.0.1:0",
                                                  env={**environment, **more}, program=SHOP))
        yield start


def test_every_accepted_order_is_shipped_once_although_shipping_is_killed(begin, database, broker):
    before = len(database.documents("shop", "shipments"))
    stock = begin("stock")
    orders = begin("orders", STOCK_URL=f"grpc://{stock.grpc}")
    shipping = begin("shipping")

    def place(times):
        body = json.dumps({"item": "tea"}).encode()
        return sum(orders.get("/v1/orders", method="POST", body=body).status == 200 for _ in range(times))

    accepted = place(30)
    shipping.kill()
    accepted += place(30)
    begin("shipping")
    assert accepted == 60
    eventually(lambda: len(database.documents("shop", "shipments")) >= before + accepted, within=60)
    assert len(database.documents("shop", "shipments")) == before + accepted
    if broker[0] == "kafka":
        read = subprocess.run(["kcat", "-C", "-q", "-e", "-b", broker[1]["KAFKA_BROKERS"], "-t", "orders", "-o", "beginning", "-f",
                               r"%s\t%h\n"], capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()
        assert len(read) == accepted and all(json.loads(line.split("\t")[0]) == {"item": "tea"} for line in read)
        assert all("content-type=application/json" in line for line in read)
