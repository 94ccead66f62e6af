"""What a reader of a Kafka topic does and tells when the topic is quiet, and when it is another one under the same name."""

import json

import confluent_kafka
import pytest

from driver.ports import free_ports
from driver.kafka import kafka
from driver.program import Program, eventually, running
from driver.stored import document_ids
from driver.streaming import make_topic, reading

@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with kafka(tmp_path_factory.mktemp("kafka")) as made:
        make_topic(made, "greetings", 2)
        yield made


@pytest.fixture
def reader(cluster, tmp_path):
    with running(tmp_path / "data", reading(tmp_path, "greetings", 2), env={"KAFKA_BROKERS": cluster.bootstrap}) as program:
        yield program.wait_until_ready(60)
        assert program.end() == 0


@pytest.fixture
def send(cluster):
    producer = confluent_kafka.Producer(cluster.client_settings())

    def made(*ids):
        for each in ids:
            producer.produce("greetings", key=each, value=json.dumps(
                {"id": each, "service": "s", "message": "m", "created": "2026-01-01T00:00:00Z"}))
        assert producer.flush(30) == 0
    return made


def stored(program):
    return set(document_ids(program.file, "reader", "greetings"))


def lags(program):
    """The lag of each partition that is told."""
    return {line.split('partition="')[1].split('"')[0]: float(line.rsplit(" ", 1)[1])
            for line in program.get("/metrics").text().splitlines() if line.startswith("troupe_kafka_lag{")}


def test_the_lag_is_told_of_each_partition_from_the_start(reader, send):
    eventually(lambda: lags(reader) == {"0": 0, "1": 0}, 30, "a lag of each partition of a topic where nothing was ever said")
    send(*(str(number) for number in range(20)))
    eventually(lambda: len(stored(reader)) == 20, 30, "the effects")
    eventually(lambda: lags(reader) == {"0": 0, "1": 0}, 30, "no lag")


def test_the_lag_of_every_partition_grows_while_nothing_is_fetched(cluster, tmp_path):
    partitions = range(6)  # more than are asked for at once
    make_topic(cluster, "stalled", len(partitions))
    producer = confluent_kafka.Producer(cluster.client_settings())
    nobody = f"mongodb://127.0.0.1:{free_ports(1)[0]}"
    with running(tmp_path / "data", reading(tmp_path, "stalled", len(partitions), unsettled=5), wait=Program.wait_until_listening,
                 env={"KAFKA_BROKERS": cluster.bootstrap, "MONGO_CONN": nobody}) as program:
        for sent in (10, 20):
            for partition in partitions:
                for number in range(10):
                    producer.produce("stalled", partition=partition, value=json.dumps(
                        {"id": f"{partition}-{sent}-{number}", "service": "s", "message": "m", "created": "2026-01-01T00:00:00Z"}))
            assert producer.flush(30) == 0
            eventually(lambda: lags(program) == {str(each): sent for each in partitions}, 60, f"a lag of {sent} everywhere")
        assert program.end() == 0  # leaves the group


def test_a_topic_that_was_made_anew_is_read_from_its_beginning(cluster, reader, send):
    send(*(f"old-{number}" for number in range(30)))
    eventually(lambda: {f"old-{number}" for number in range(30)} <= stored(reader), 30, "the effects of the old topic")
    cluster.delete_topic("greetings")
    eventually(lambda: "greetings" not in cluster.admin().list_topics(timeout=10).topics, 30, "the end of the topic")
    cluster.create_topic("greetings", 2)
    wanted = {f"new-{number}" for number in range(10)}  # fewer than there were
    send(*wanted)
    eventually(lambda: wanted <= stored(reader), 90, "the effects of the new topic")
    send("last")
    eventually(lambda: "last" in stored(reader), 30, "work that goes on")
