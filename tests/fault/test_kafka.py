"""Kafka brokers die, stop and are cut off; consumers are killed and come and go; handlers fail: nothing that was accepted is
lost, none of it has its effect twice, and each key keeps its order."""

import contextlib
import os
import threading
import time

import pytest

from driver.kafka import kafka
from driver.program import eventually
from driver.streaming import Collected, Source, recovery, service, topology

TOPIC = "orders"
MADE = 4000 if int(os.environ.get("TROUPE_LEDGER", "10000")) > 10000 else 1500


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """Three brokers behind a network that can be cut."""
    with kafka(tmp_path_factory.mktemp("kafka"), brokers=3, relays=True) as made:
        yield made


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    with kafka(tmp_path_factory.mktemp("kafka")) as made:
        yield made


@pytest.fixture
def ended():
    """Kills the programs that are entered."""
    with contextlib.ExitStack() as programs:
        yield lambda program: (programs.callback(program.kill), program)[1]


def another_topic(name=[0]):
    name[0] += 1
    return f"{TOPIC}-{name[0]}"


class Platform:
    """A maker and a collector on a topic of their own, with an independent producer beside the maker."""

    def __init__(self, cluster, folder, ended, replicas):
        self.topic = another_topic()
        self.cluster = cluster
        for topic, partitions in ((self.topic, 3), (self.topic + ".dlq", 1)):
            cluster.create_topic(topic, partitions)
        self.file = topology(folder, self.topic, limit=MADE, replicas=replicas)
        self.folder, self.ended = folder, ended
        self.collector = ended(service(folder, self.file, "collector", cluster))
        self.maker = ended(service(folder, self.file, "maker", cluster))
        self.source = Source(cluster, self.topic).start()
        self.collected = Collected(self.collector.file)
        eventually(lambda: len(self.collected.ids()) > 200, 60, "work to disturb")

    def check(self):
        self.source.finish()
        self.collected.check(self.source, MADE)
        assert self.maker.process.poll() is None
        assert self.collector.process.poll() is None
        assert self.collector.metric("troupe_kafka_dead_lettered_total") == 0
        assert self.maker.end() == 0
        assert self.collector.end() == 0


@pytest.fixture
def platform(three, tmp_path, ended):
    return Platform(three, tmp_path, ended, 3)


def test_the_leader_is_killed(platform):
    leader = platform.cluster.leader(platform.topic, 0)
    before = len(platform.collected.ids())
    platform.cluster.kill(leader)
    print(f"went on {recovery(platform.collected.ids, before + 200):.1f} s after the kill of a leader")
    platform.cluster.restart(leader)
    platform.check()


def test_a_broker_stops_answering_and_continues(platform):
    leader = platform.cluster.leader(platform.topic, 1)
    before = len(platform.collected.ids())
    platform.cluster.pause(leader)
    took = recovery(platform.collected.ids, before + 200)
    platform.cluster.resume(leader)
    print(f"went on {took:.1f} s after a leader fell silent")
    platform.cluster.wait_until_usable()
    platform.check()


def test_the_network_between_the_client_and_a_broker_is_cut(platform):
    leader = platform.cluster.leader(platform.topic, 2)
    before = len(platform.collected.ids())
    platform.cluster.network.cut("client", leader)
    eventually(lambda: len(platform.collected.ids()) > before, 60, "the partitions of the others")
    platform.cluster.network.mend()
    print(f"went on {recovery(platform.collected.ids, len(platform.collected.ids()) + 200):.1f} s after the mend")
    platform.check()


def test_the_network_between_brokers_is_cut(platform):
    leader = platform.cluster.leader(platform.topic, 0)
    before = len(platform.collected.ids())
    platform.cluster.network.cut_off(leader)
    took = recovery(platform.collected.ids, before + 200)
    platform.cluster.network.mend()
    print(f"went on {took:.1f} s after a leader was cut off from the other brokers")
    platform.cluster.wait_until_usable()
    platform.check()


def test_every_broker_is_restarted_in_turn(platform):
    for number in platform.cluster.numbers:
        platform.cluster.restart(number)
        eventually(lambda: len(platform.cluster.in_sync(platform.topic, 0)) == 3, 60, "replicas in sync")
    platform.check()


def test_a_consumer_is_killed_in_the_middle_of_its_batches(one, tmp_path, ended):
    platform = Platform(one, tmp_path, ended, 1)
    took = []
    for _ in range(3):
        before = len(platform.collected.ids())
        platform.collector.kill()
        began = time.monotonic()
        platform.collector = ended(service(tmp_path, platform.file, "collector", one, wait=False))
        eventually(lambda before=before: len(platform.collected.ids()) > before + 50, 90, "work after a kill")
        took.append(time.monotonic() - began)
    print(f"went on {max(took):.1f} s after a kill at most, of which 10 s are the session's")
    platform.check()


def test_members_come_and_go(one, tmp_path, ended):
    platform = Platform(one, tmp_path, ended, 1)
    stop = threading.Event()
    files = []

    def storm():
        number = 2
        while not stop.is_set():
            member = ended(service(tmp_path, platform.file, "collector", one, number))
            files.append(member.file)
            stop.wait(2)
            assert member.end() == 0
            number += 1

    stormy = threading.Thread(target=storm)
    stormy.start()
    try:
        eventually(lambda: len(files) >= 5, 120, "five who came and went")
    finally:
        stop.set()
        stormy.join(60)
    platform.collected.files = (platform.collector.file, *files)
    platform.check()
    assert len([rows for rows in platform.collected.rows() if rows]) > 2


def test_poison_is_set_aside_and_nothing_else(one, tmp_path, ended):
    topic = another_topic()
    for name, partitions in ((topic, 3), (topic + ".dlq", 1)):
        one.create_topic(name, partitions)
    file = topology(tmp_path, topic, replicas=1).replace("", "")
    text = open(file).read().replace("as: text", "as: greeting")
    open(file, "w").write(text)
    source = Source(one, topic)
    poison = set()
    for number in range(3000):
        key = f"key-{number % 16}"
        bad = number % 100 == 50
        payload = "poison" if bad else \
            f'{{"id":"{number}","service":"s","message":"m","created":"2026-01-01T00:00:00Z"}}'
        name = source.send(key, number, payload)
        if bad:
            poison.add(name)
    source.finish()
    collector = ended(service(tmp_path, file, "collector", one))
    collected = Collected(collector.file)
    eventually(lambda: len(collected.ids()) == 3000 - len(poison), 120, "the effects of what is no poison")
    eventually(lambda: collector.metric("troupe_kafka_dead_lettered_total") == len(poison), 60, "the dead letters")
    letters = collector.ask_admin("/dead-letters?limit=1000").json()["dead_letters"]
    assert {letter["id"] for letter in letters} == poison
    assert {letter["source"] for letter in letters} == {topic}
    assert collector.end() == 0


def test_a_store_that_is_away_sets_nothing_aside(one, tmp_path, ended):
    import subprocess

    from driver.program import Program
    topic = another_topic()
    for name, partitions in ((topic, 3), (topic + ".dlq", 1)):
        one.create_topic(name, partitions)
    file = topology(tmp_path, topic, replicas=1)
    collector = ended(Program(tmp_path / "collector", file, "--service", "collector", env={"KAFKA_BROKERS": one.bootstrap},
                              wrapper=["fiu-run", "-x"]).wait_until_ready(60))
    source = Source(one, topic).start()
    collected = Collected(collector.file)
    eventually(lambda: len(collected.ids()) > 200, 60, "work to disturb")
    for command in ("enable name=posix/io/rw/pwrite", "enable name=posix/io/sync/fdatasync"):
        subprocess.run(["fiu-ctrl", "-c", command, str(collector.process.pid)], check=True)
    before = len(source.accepted)
    eventually(lambda: len(source.accepted) > before + 3000, 120, "an outage in which much arrives")
    assert collector.get("/livez").status == 200
    for command in ("disable name=posix/io/rw/pwrite", "disable name=posix/io/sync/fdatasync"):
        subprocess.run(["fiu-ctrl", "-c", command, str(collector.process.pid)], check=True)
    source.finish()
    collected.check(source)
    assert collector.metric("troupe_kafka_dead_lettered_total") == 0
    assert collector.end() == 0


def test_a_producer_is_killed_between_sending_and_its_report(one, tmp_path, ended):
    platform = Platform(one, tmp_path, ended, 1)
    acknowledged = 0
    for _ in range(3):
        eventually(lambda: platform.maker.metric("troupe_kafka_published_total") > 50, 60, "some acknowledgements")
        told = platform.maker.metric("troupe_kafka_published_total")
        platform.maker.kill()
        acknowledged += int(told)
        platform.maker = ended(service(tmp_path, platform.file, "maker", one))
    eventually(lambda: set(platform.collected.made()) == set(range(MADE)), 120, "all that was made at last")
    assert len(platform.collected.made()) >= acknowledged
    platform.source.finish()
    platform.collected.check(platform.source)
