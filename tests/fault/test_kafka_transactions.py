"""A service that consumes, transforms and produces in one transaction is killed and restarted, its leader dies, or the brokers
forget its id: whoever reads what is committed sees one output for each input."""

import collections
import contextlib

import confluent_kafka
import pytest

from driver.kafka import kafka
from driver.program import Program, eventually, run_once
from driver.streaming import Source

TOPOLOGY = """
services:
  forwarder:
    consumers:
      - {{from: {topic}, into: {topic}-out, group: forwarders, as: text, batch: 20, retry: {{delayed: none}}}}
streams:
  {topic}: {{via: kafka, partitions: 3, replicas: {replicas}}}
  {topic}-out: {{via: kafka, partitions: 3, replicas: {replicas}}}
node:
  kafka: {{encryption: none, properties: [session.timeout.ms=6000]}}
"""


class Reader:
    """An independent client that reads what is committed, and counts how often it finds each id."""

    def __init__(self, cluster, topic, partitions):
        self.found = collections.Counter()
        self._client = confluent_kafka.Consumer(cluster.client_settings(**{
            "isolation.level": "read_committed", "group.id": "reader-of-" + topic, "enable.auto.commit": False}))
        self._client.assign([confluent_kafka.TopicPartition(topic, number, 0) for number in range(partitions)])

    def counts(self):
        for message in self._client.consume(10_000, 0.5):
            if message.error() is None:
                self.found[dict(message.headers())["message-id"].decode()] += 1
        return self.found

    def close(self):
        self._client.close()


class Platform:
    def __init__(self, cluster, folder, programs, topic, replicas):
        self.cluster, self.folder, self.programs, self.topic = cluster, folder, programs, topic
        for name, partitions in ((topic, 3), (f"{topic}-out", 3), (f"{topic}.dlq", 1)):
            cluster.create_topic(name, partitions)
        self.file = folder / "topology.yaml"
        self.file.write_text(TOPOLOGY.format(topic=topic, replicas=replicas))
        self.reader, self.letters = Reader(cluster, f"{topic}-out", 3), Reader(cluster, f"{topic}.dlq", 1)
        programs.callback(self.reader.close)
        programs.callback(self.letters.close)
        self.source = Source(cluster, topic, pause=0.01).start()
        programs.callback(lambda: self.source.kill())

    def start(self, number):
        """A forwarder with a data folder of its own, which it keeps over restarts."""
        program = Program(self.folder / f"forwarder-{number}", str(self.file), env={"KAFKA_BROKERS": self.cluster.bootstrap})
        self.programs.callback(program.kill)
        return program.wait_until_listening()

    def moved(self, more=150, within=90):
        """Waits until there are more outputs than now."""
        had = len(self.reader.counts())
        eventually(lambda: len(self.reader.counts()) >= had + more, within, "more outputs")

    def check(self, within=120):
        self.source.finish()
        wanted = set(self.source.accepted)
        eventually(lambda: wanted <= set(self.reader.counts()), within, "an output for each input")
        found = self.reader.counts()
        assert set(found) == wanted
        assert {count for count in found.values()} == {1}, f"{sum(found.values()) - len(found)} outputs came twice"
        assert not self.letters.counts()


@pytest.fixture
def programs():
    with contextlib.ExitStack() as started:
        yield started


def test_each_input_has_one_output_though_forwarders_are_killed(tmp_path, programs):
    with kafka(tmp_path / "kafka") as cluster:
        platform = Platform(cluster, tmp_path, programs, "orders", replicas=1)
        running = [platform.start(1), platform.start(2)]
        for round_number in range(6):
            platform.moved()
            number = round_number % 2
            running[number].kill()
            running[number] = platform.start(number + 1)
        platform.check()
        for program in running:
            assert program.end() == 0


def test_each_input_has_one_output_though_a_leader_dies(tmp_path, programs):
    with kafka(tmp_path / "kafka", brokers=3) as cluster:
        platform = Platform(cluster, tmp_path, programs, "orders", replicas=3)
        running = [platform.start(1), platform.start(2)]
        platform.moved()
        for partition in (0, 1):
            leader = cluster.leader("orders-out", partition)
            cluster.kill(leader)
            platform.moved()
            cluster.restart(leader)
        platform.check()
        for program in running:
            assert program.end() == 0


def test_a_forwarder_that_was_idle_for_longer_than_the_brokers_keep_its_id_goes_on(tmp_path, programs):
    keeps = {"transactional.id.expiration.ms": "2000", "transaction.remove.expired.transaction.cleanup.interval.ms": "500"}
    with kafka(tmp_path / "kafka", settings=keeps) as cluster:
        platform = Platform(cluster, tmp_path, programs, "orders", replicas=1)
        program = platform.start(1)
        platform.moved(1)
        for _ in range(2):
            platform.check()
            eventually(lambda: not cluster.transactional_ids(), 60, "brokers that have forgotten the forwarder")
            platform.source = Source(cluster, "orders", pause=0.01)
            platform.source.accepted = dict.fromkeys(platform.reader.found)  # what is there already
            for number in range(20):
                platform.source.send(f"key-{number}", number)
        platform.check()
        assert program.metric("troupe_actor_restarts_total") == 0
        assert program.end() == 0


def test_a_transaction_with_delayed_retries_is_refused(tmp_path):
    file = tmp_path / "topology.yaml"
    file.write_text(TOPOLOGY.format(topic="orders", replicas=1).replace("delayed: none", "delayed: 5s"))
    checked = run_once("check", str(file), env={"KAFKA_BROKERS": "127.0.0.1:1"})
    assert checked.returncode == 2
    assert '"into" excludes delayed retries' in checked.stderr
