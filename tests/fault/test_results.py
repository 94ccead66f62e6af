"""A service whose handler gives a message for each that it has is killed half-way, again and again: each message has one result."""

import collections
import contextlib
import pathlib

import confluent_kafka
import pytest

from driver.kafka import kafka
from driver.program import Program, eventually, program_path, run_once
from driver.stored import dead_letters, documents, query
from driver.streaming import Source, make_topic

KILLS = 5
ORDERS = 4000
ON_KAFKA = """
services:
  printing: {consumers: [{from: orders, batch: 20}]}
  keeping: {}
streams:
  orders: {via: kafka, replicas: 1}
  labels: {via: kafka, replicas: 1}
node:
  kafka: {encryption: none, properties: [session.timeout.ms=6000]}
"""
EMBEDDED = f"""
services:
  printing:
    producers: [{{to: orders, every: 1ms, text: 'order {{n}}', limit: {ORDERS}}}]
  keeping: {{}}
streams:
  orders:
  labels:
"""


@pytest.fixture
def programs():
    with contextlib.ExitStack() as started:
        yield started


def press(programs, folder, file, *options, **given):
    program = Program(folder, str(file), *options, program=pathlib.Path(program_path()).parent / "press", **given)
    programs.callback(program.kill)
    return program.wait_until_listening()


class Labels:
    """An independent client that reads the labels that are committed: the id of each, and of the order that it was made of."""

    def __init__(self, cluster):
        self.ids, self.orders = collections.Counter(), collections.Counter()
        self._client = confluent_kafka.Consumer(cluster.client_settings(**{
            "isolation.level": "read_committed", "group.id": "reader", "enable.auto.commit": False}))
        self._client.assign([confluent_kafka.TopicPartition("labels", number, 0) for number in range(3)])

    def read(self):
        for message in self._client.consume(10_000, 0.5):
            if message.error() is None:
                self.ids[dict(message.headers())["message-id"]] += 1
                self.orders[message.value().decode()] += 1
        return self.orders

    def close(self):
        self._client.close()


def test_each_message_of_kafka_has_one_result_though_its_consumers_are_killed(tmp_path, programs):
    with kafka(tmp_path / "kafka") as cluster:
        make_topic(cluster, "orders")
        cluster.create_topic("labels", 3)
        file = tmp_path / "topology.yaml"
        file.write_text(ON_KAFKA)
        labels = Labels(cluster)
        programs.callback(labels.close)
        source = Source(cluster, "orders", pause=0.01).start()
        programs.callback(source.kill)

        def start(number):
            return press(programs, tmp_path / f"printing-{number}", file, "--service", "printing",
                         env={"KAFKA_BROKERS": cluster.bootstrap})

        running = [start(0), start(1)]
        for number in range(KILLS):
            enough = len(labels.read()) + 150
            eventually(lambda enough=enough: len(labels.read()) >= enough, 90, "more labels")
            running[number % 2].kill()
            running[number % 2] = start(number % 2)
        source.finish()
        wanted = set(source.accepted)
        eventually(lambda: wanted <= set(labels.read()), 120, "a label of each order")
        assert set(labels.orders) == wanted
        assert set(labels.orders.values()) == set(labels.ids.values()) == {1}
        for program in running:
            assert program.end() == 0


def test_each_message_of_the_data_file_has_one_effect_of_its_result_though_the_process_is_killed(data, tmp_path, programs):
    file = tmp_path / "topology.yaml"
    file.write_text(EMBEDDED)
    program = press(programs, data, file)

    def ids(stream):
        return [row[0] for row in query(program.file, "SELECT id FROM source_messages WHERE source = ?", stream)]

    for _ in range(KILLS):
        had = len(set(ids("labels")))
        eventually(lambda had=had: len(set(ids("labels"))) >= had + 300, 60, "more labels")
        program.kill()
        program = press(programs, data, file)
    eventually(lambda: len(ids("orders")) > ORDERS, 120, "orders")
    orders = set()

    def kept():
        return [label["order"] for label in documents(program.file, "press", "labels").values()]

    def is_over():
        orders.update(ids("orders"))
        return orders <= set(kept())

    eventually(lambda: program.metric("troupe_producer_acknowledged_total") >= ORDERS, 120, "the last order")
    eventually(is_over, 120, "a label of each order")
    assert sorted(kept()) == sorted(orders)
    assert set(ids("labels")) == set(documents(program.file, "press", "labels"))
    assert dead_letters(program.file) == []
    assert program.end() == 0


def test_delayed_retries_are_refused_where_the_results_are_a_transaction(tmp_path):
    file = tmp_path / "topology.yaml"
    file.write_text(ON_KAFKA.replace("batch: 20", "batch: 20, retry: {delayed: 5s}"))
    checked = run_once("check", str(file), env={"KAFKA_BROKERS": "127.0.0.1:1"}, program=pathlib.Path(program_path()).parent / "press")
    assert checked.returncode == 2
    assert '"into" excludes delayed retries' in checked.stderr
