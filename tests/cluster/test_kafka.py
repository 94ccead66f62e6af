"""The Kafka demonstration in six pods, over a real broker outside of the cluster."""

import os
import signal
import uuid

import confluent_kafka
import pytest

from driver.charts import CHARTS
from driver.kafka import Kafka
from driver.kubernetes import OUTSIDE
from driver.program import eventually
from driver.stored import documents, is_made

SERVICES = {"kafka-demo-a": "bar-topic", "kafka-demo-b": "foo-topic"}  # what each reads


@pytest.fixture
def broker(cluster, tmp_path):
    made = Kafka(tmp_path / "kafka")
    [node] = made.nodes
    node.addresses["CLIENT"] = f"{OUTSIDE}:{node.ports['CLIENT']}"
    try:
        made.start()
        for topic in ("foo-topic", "bar-topic", "foo-topic.dlq", "bar-topic.dlq"):
            made.create_topic(topic)
        yield made
    finally:
        made.close()


def messages(broker, topic):
    """All messages of a topic as an independent client reads them: the text of each by its partition and offset."""
    client = confluent_kafka.Consumer(broker.client_settings(**{"group.id": uuid.uuid4().hex, "enable.partition.eof": True}))
    client.assign([confluent_kafka.TopicPartition(topic, number, 0) for number in range(3)])
    found, ended = {}, 0
    try:
        while ended < 3:
            for each in client.consume(1000, 1):
                if each.error():
                    ended += 1
                else:
                    found[each.partition(), each.offset()] = each.value().decode()
    finally:
        client.close()
    return found


def stored(cluster, namespace, service):
    """What each of the three pods of a service has in its volume: the partition and offset of every message."""
    found = []
    for number in range(3):
        file = cluster.volume(namespace, f"data-{service}-{number}") / "troupe.sqlite"
        found.append([(each["partition"], each["offset"]) for each in documents(file, service, "messages").values()] if is_made(file) else [])
    return found


def install(cluster, image, namespace, broker, *more):
    port = broker.nodes[0].ports["CLIENT"]
    cluster.install("demo", CHARTS / "kafka-demo-app", namespace, *image, "--set", "env.MSG_FREQ=1,kafka.credentials=,kafka.encryption=none",
                    "--set", f"kafka.brokers={OUTSIDE}:{port},kafka.port={port}", *more)


def test_three_pods_of_each_side_share_what_the_other_produces(cluster, image, namespace, broker):
    install(cluster, image, namespace, broker)
    assert {each["metadata"]["name"] for each in cluster.pods(namespace)} == {f"{service}-{number}" for service in SERVICES for number in range(3)}
    for service in SERVICES:
        eventually(lambda service=service: all(stored(cluster, namespace, service)), 90, f"documents of all three pods of {service}")
    killed = next(each for each in cluster.pods(namespace, "kafka-demo-a"))
    os.kill(cluster.process(killed), signal.SIGKILL)
    cluster.wait_ready(namespace, "kafka-demo-a", 3)
    for service, topic in SERVICES.items():
        written = messages(broker, topic)
        assert len({each.rpartition(" ")[2] for each in written.values()}) == 3, "three pods have produced"

        def all_there(service=service, written=written):
            # What the killed pod had stored and not committed is in the volume of the pod that went on as well.
            volumes = stored(cluster, namespace, service)
            assert all(len(each) == len(set(each)) for each in volumes), "a message is in one volume twice"
            return set(written) <= set().union(*volumes)
        eventually(all_there, 120, f"every message of {topic} in a volume of {service}")


def test_pods_that_have_no_broker_are_not_ready_and_live(cluster, image, namespace, broker):
    install(cluster, image, namespace, broker, "--set", "replicas=1")
    broker.kill(1)
    for service in SERVICES:
        eventually(lambda service=service: not cluster.ready(namespace, service), 120, f"{service} out of its Service")
    broker.restart(1)
    for service in SERVICES:
        cluster.wait_ready(namespace, service, 1)
    assert all(each["status"]["containerStatuses"][0]["restartCount"] == 0 for each in cluster.pods(namespace))
