"""Those who work on a Kafka topic are killed, come and go, are slow and fail: nothing that was accepted is lost, none of it
has its effect twice, each key keeps its order, and what is set aside is exactly the poison."""

import json
import subprocess
import threading
import time

import confluent_kafka
import pytest

from driver.author import END, GROUP, Author, rest
from driver.kafka import kafka
from driver.program import FALLIBLE, LEDGER, Program, eventually
from driver.stored import query
from driver.streaming import Collected, Platform, Source, new_topic, recovery, service, topology

MADE = 4000 if LEDGER > 10_000 else 1500
STORE_AWAY = 60 if LEDGER > 10_000 else 32  # seconds; longer than the delay of a report


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with kafka(tmp_path_factory.mktemp("kafka")) as made:
        yield made


@pytest.fixture
def platform(cluster, tmp_path, ended):
    return Platform(cluster, tmp_path, ended, 1, MADE)


def members(cluster, group):
    """The ids of a group's members, as the broker knows them."""
    found = cluster.admin().describe_consumer_groups([group])[group].result(30)
    return {member.member_id for member in found.members}


def letters(cluster, topic):
    """The ids and headers of the dead letters of a topic, as an independent client reads them."""
    client = confluent_kafka.Consumer(cluster.client_settings(**{
        "group.id": f"reader-of-{topic}", "enable.auto.commit": False, "auto.offset.reset": "earliest"}))
    try:
        where = confluent_kafka.TopicPartition(topic + ".dlq", 0)
        _, end = client.get_watermark_offsets(where, timeout=30)
        client.assign([confluent_kafka.TopicPartition(topic + ".dlq", 0, 0)])
        read = client.consume(end, timeout=30) if end else []
        assert len(read) == end and not any(one.error() for one in read)
        headers = [{name: value.decode() for name, value in one.headers()} for one in read]
        return {one["message-id"]: one for one in headers}
    finally:
        client.close()


def test_a_consumer_is_killed_in_the_middle_of_its_batches(platform, cluster, tmp_path, ended, write_down):
    took = []
    for _ in range(2):
        platform.collector.kill()
        began = time.monotonic()
        platform.collector = ended(service(tmp_path, platform.file, "collector", cluster, wait=False))
        platform.recovery(within=240)  # what was in the dead one's hands goes one at a time, each attempt committed
        took.append(time.monotonic() - began)
    write_down(f"every key went on {max(took):.1f} s after a kill at most, of which 10 s are the session's")
    platform.check()


def test_members_come_and_go(platform, cluster, tmp_path, ended, write_down):
    stop, came, trouble = threading.Event(), [], []

    def storm():
        try:
            while not stop.is_set():
                came.append(ended(service(tmp_path, platform.file, "collector", cluster, 2 + len(came))))
                stop.wait(2)
                assert came[-1].end() == 0
        except BaseException as why:  # raised on the main thread
            trouble.append(why)

    stormy = threading.Thread(target=storm)
    stormy.start()
    try:
        eventually(lambda: len(came) >= 5 or trouble, 180, "five who came")
    finally:
        stop.set()
        stormy.join(120)
    assert not trouble and not stormy.is_alive(), trouble
    platform.collected.files = (platform.collector.file, *(member.file for member in came))
    write_down(f"every key went on {platform.recovery():.1f} s after {len(came)} members had come and gone")
    platform.check()
    assert len([stored for stored in platform.collected.numbers() if stored]) > 1, "nobody who came had anything to do"


def test_a_handler_slower_than_the_poll_interval_keeps_its_membership(cluster, tmp_path, ended):
    topic = new_topic(cluster)
    author = ended(Author(cluster, topic, tmp_path / "author", session_timeout_ms=6000, heartbeat_interval_ms=500,
                          max_poll_interval_ms=6000).start())
    source = ended(Source(cluster, topic)).start()
    collected = Collected(author.file)
    eventually(lambda: collected.count() > 100, 60, "work to disturb")
    before = members(cluster, GROUP)
    slow = source.send("key-slow", 0, rest(14))
    eventually(lambda: slow in collected.ids(), 120, "the effect that took 14 s")
    assert members(cluster, GROUP) == before, "it left its group while it was busy"
    source.finish()
    collected.check(source)
    assert letters(cluster, topic) == {}
    assert author.end() == 0


def test_a_message_that_ends_the_process_is_set_aside_after_five_attempts(cluster, tmp_path, ended, write_down):
    topic = new_topic(cluster)
    source = ended(Source(cluster, topic))
    for number in range(320):
        source.send(f"key-{number % 16}", number // 16)
        if number == 160:
            deadly = source.send("key-3", number // 16, END)
    source.finish()
    del source.accepted[deadly]
    author = ended(Author(cluster, topic, tmp_path / "author", instance="author"))
    collected, deaths, began = Collected(author.file), 0, time.monotonic()
    author.start()
    while True:
        eventually(lambda: author.ended() or collected.count() == len(source.accepted), 60,
                   "an end, or the effects of all others")
        if not author.ended():
            break
        deaths += 1
        assert deaths < 10, "it is handed out again and again"
        author.start()
    write_down(f"{deaths} processes ended within {time.monotonic() - began:.1f} s before the message was set aside")
    assert deaths in (5, 6)  # the first one's attempt counts only where the message was handed out alone
    collected.check(source)
    found = letters(cluster, topic)
    assert set(found) == {deadly}
    assert found[deadly]["dead-letter-attempts"] == "5"
    assert author.end() == 0


def test_a_letter_that_is_not_taken_is_reported_until_it_is(cluster, tmp_path, ended):
    topic = new_topic(cluster)
    collector = ended(service(tmp_path, topology(tmp_path, topic, replicas=1, form="greeting"), "collector", cluster))
    cluster.delete_topic(topic + ".dlq")
    source = ended(Source(cluster, topic))
    source.send("key-1", 0, "poison")
    source.finish()

    def held_up():
        checks = collector.get("/readyz").json()["checks"]
        return [one for one in checks if one["name"].endswith("/stalled")]

    [detail] = eventually(held_up, 90, "the detail of what is held up")
    assert detail["status"] == "degraded" and "its dead letter is not taken" in detail["detail"]
    assert collector.metric("troupe_stalled_seconds", channel=topic, reason="dead_letter") >= 30
    # The log is written beside the answers to who asks.
    [line] = eventually(lambda: [line["msg"] for line in map(json.loads, collector.lines) if "held up for" in line["msg"]],
                        awaited="the line of the log")
    assert topic in line and "goes on by itself" in line
    cluster.create_topic(topic + ".dlq", 1)
    eventually(lambda: not held_up(), 60, "that it goes on")
    assert collector.metric("troupe_stalled_seconds", channel=topic, reason="dead_letter") == 0
    assert len(letters(cluster, topic)) == 1


def test_poison_is_set_aside_and_nothing_else(cluster, tmp_path, ended):
    topic = new_topic(cluster)
    source, poison, wanted = ended(Source(cluster, topic)), set(), set()
    for number in range(3000):
        if number % 100 == 50:
            poison.add(source.send(f"key-{number % 16}", number, "poison"))
            continue
        wanted.add(number)
        source.send(f"key-{number % 16}", number, json.dumps(
            {"id": str(number), "service": "s", "message": "m", "created": "2026-01-01T00:00:00Z"}))
    source.finish()
    file = topology(tmp_path, topic, replicas=1, form="greeting")
    collector = ended(service(tmp_path, file, "collector", cluster))
    eventually(lambda: Collected(collector.file).count() == len(wanted), 120, "the effects of what is no poison")
    eventually(lambda: collector.metric("troupe_kafka_dead_lettered_total") == len(poison), 60, "the dead letters")
    stored = [int(name) for (name,) in query(collector.file, "SELECT id FROM documents ORDER BY sequence")]
    assert len(stored) == len(wanted) and set(stored) == wanted
    for key in range(16):
        of_key = [number for number in stored if number % 16 == key]
        assert of_key == sorted(of_key), f"key-{key} lost its order"
    letters = collector.ask_admin("/dead-letters?limit=1000").json()["dead_letters"]
    assert {letter["id"] for letter in letters} == poison
    assert {letter["source"] for letter in letters} == {topic}
    assert collector.end() == 0


def test_a_store_that_is_away_sets_nothing_aside(cluster, tmp_path, ended, write_down):
    topic = new_topic(cluster)
    file = topology(tmp_path, topic, replicas=1)
    collector = ended(Program(tmp_path / "collector", file, "--service", "collector",
                              env={"KAFKA_BROKERS": cluster.bootstrap}, wrapper=FALLIBLE)).wait_until_ready(60)
    source = ended(Source(cluster, topic)).start()
    collected = Collected(collector.file)
    eventually(lambda: collected.count() > 200, 60, "work to disturb")

    def switch(how):
        for point in ("posix/io/rw/pwrite", "posix/io/sync/fdatasync"):
            subprocess.run(["fiu-ctrl", "-c", f"{how} name={point}", str(collector.process.pid)], check=True)

    switch("enable")
    before = len(source.accepted)
    time.sleep(STORE_AWAY)
    assert len(source.accepted) > before
    eventually(lambda: collector.metric("troupe_kafka_lag") > 0, 20, "a lag")
    eventually(lambda: collector.metric("troupe_stalled_seconds", channel=topic, reason="handler") >= 30, 20, "that it is reported")
    assert collector.get("/livez").status == 200
    switch("disable")
    write_down(f"every key went on {recovery(source, collected):.1f} s after a store was there again that was away for "
               f"{STORE_AWAY} s")
    source.finish()
    collected.check(source)
    eventually(lambda: collector.metric("troupe_stalled_seconds", channel=topic) == 0, 20, "that it goes on is reported")
    assert collector.metric("troupe_kafka_dead_lettered_total") == 0
    assert collector.end() == 0


RETRYING = """
services:
  collector:
    consumers:
      - {{from: {topic}, group: collectors-of-{topic}, store: collector.orders, as: text, batch: 1, credit: 1,
          retry: {{attempts: 0, delayed: [1s, 2s, 4s, 8s], delayed-in: topic}}, breaker: {{failures: 10000}}}}
streams:
  {topic}: {{via: kafka, partitions: 3, replicas: 1}}
node:
  kafka: {{encryption: none, properties: [session.timeout.ms=10000]}}
"""


def test_a_message_waits_in_the_topic_of_retries_over_a_restart_of_its_consumer(cluster, tmp_path, ended):
    topic = new_topic(cluster)
    cluster.create_topic(topic + ".retry", 3)
    file = tmp_path / "retrying.yaml"
    file.write_text(RETRYING.format(topic=topic))

    def begin(wrapper=()):
        return ended(Program(tmp_path / "collector", str(file), env={"KAFKA_BROKERS": cluster.bootstrap},
                             wrapper=wrapper)).wait_until_ready(60)

    collector = begin(FALLIBLE)
    for point in ("posix/io/rw/pwrite", "posix/io/sync/fdatasync"):
        subprocess.run(["fiu-ctrl", "-c", f"enable name={point}", str(collector.process.pid)], check=True)
    source = ended(Source(cluster, topic))
    for number in range(8):
        source.send("key-0", number)
    source.finish()

    def waiting():
        """What an independent client reads of the topic of retries: ids and headers."""
        client = confluent_kafka.Consumer(cluster.client_settings(**{"group.id": "nobody", "enable.auto.commit": False}))
        try:
            ends = [client.get_watermark_offsets(confluent_kafka.TopicPartition(topic + ".retry", number), timeout=30)[1]
                    for number in range(3)]
            client.assign([confluent_kafka.TopicPartition(topic + ".retry", number, 0) for number in range(3)])
            read = client.consume(sum(ends), timeout=30) if sum(ends) else []
            return [{name: value.decode() for name, value in one.headers()} for one in read]
        finally:
            client.close()

    def settled():
        """How many of the topic's messages the group has done with, by its committed offsets."""
        group = f"collectors-of-{topic}"
        partitions = [confluent_kafka.TopicPartition(topic, number) for number in range(3)]
        asked = confluent_kafka.ConsumerGroupTopicPartitions(group, partitions)
        answered = cluster.admin().list_consumer_group_offsets([asked])[group].result(30)
        return sum(max(0, one.offset) for one in answered.topic_partitions)

    eventually(lambda: settled() == 8, 60, "that none of them is to be read again from its own topic")
    collector.kill()
    assert {one["message-id"] for one in waiting()} == set(source.accepted)
    assert {one["dead-letter-source"] for one in waiting()} == {topic}
    assert {one["retry-group"] for one in waiting()} == {f"collectors-of-{topic}"}
    collector = begin()
    stored = Collected(collector.file)
    eventually(lambda: set(source.accepted) <= set(stored.ids()), 90, "the effects of all that was accepted")
    assert stored.count() == len(source.accepted)
    assert collector.metric("troupe_kafka_dead_lettered_total") == 0
    assert collector.end() == 0


def test_a_producer_is_killed_between_sending_and_its_report(platform, cluster, tmp_path, ended, write_down):
    acknowledged, took = 0, []
    for _ in range(3):
        eventually(lambda: platform.maker.metric("troupe_kafka_published_total") > 50, 60, "some acknowledgements")
        acknowledged += int(platform.maker.metric("troupe_kafka_published_total"))
        platform.maker.kill()
        began = time.monotonic()
        platform.maker = ended(service(tmp_path, platform.file, "maker", cluster))
        eventually(lambda: platform.maker.metric("troupe_kafka_published_total") > 0, 60, "an acknowledgement")
        took.append(time.monotonic() - began)
    write_down(f"published again {max(took):.1f} s after a kill at most")
    eventually(lambda: set(platform.collected.made()) == set(range(MADE)), 120, "all that was made at last")
    assert len(platform.collected.made()) >= acknowledged
    platform.check()
