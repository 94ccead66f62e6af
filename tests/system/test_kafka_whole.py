"""What a message is and stays on a broker that would make topics by itself and has no authorizer: its identity, its bytes, its
partition, its size; and that nothing comes into being that nobody asked for."""

import json
import pathlib

import confluent_kafka
import pytest
from confluent_kafka import admin as administration

from driver.kafka import kafka
from driver.program import eventually, run_once, running
from driver.stored import documents, query
from driver.streaming import make_topic

CONSUMER = """
services:
  reader:
    consumers:
      - {{from: {topic}, group: readers, as: {form}, {more}}}
streams:
  {topic}: {{via: kafka, partitions: {partitions}, replicas: 1{stream}}}
{streams}
node:
  kafka: {{encryption: none}}
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with kafka(tmp_path_factory.mktemp("kafka"), settings={"auto.create.topics.enable": "true"}) as made:
        yield made


def platform(folder, topic, form="text", more="store: reader.messages", partitions=1, stream="", streams=""):
    file = folder / f"{topic}.yaml"
    file.write_text(CONSUMER.format(topic=topic, form=form, more=more, partitions=partitions, stream=stream, streams=streams))
    return str(file)


def send(cluster, topic, records, **settings):
    """Sends records, and returns what the broker made of them, in their order."""
    outcome, client = [], confluent_kafka.Producer(cluster.client_settings(**{"message.max.bytes": 9_000_000, **settings}))
    for one in records:
        client.produce(topic, on_delivery=lambda error, record: outcome.append((error, record)), **one)
    assert client.flush(60) == 0
    assert [error for error, _ in outcome] == [None] * len(records)
    return [record for _, record in outcome]


def read(cluster, topic, beyond=None):
    """Every record of a topic, or those from an offset of each partition on."""
    client = confluent_kafka.Consumer(cluster.client_settings(**{
        "group.id": "nobody", "enable.auto.commit": False, "enable.partition.eof": True, "isolation.level": "read_committed"}))
    try:
        partitions = client.list_topics(topic, timeout=10).topics[topic].partitions
        client.assign([confluent_kafka.TopicPartition(topic, one, (beyond or {}).get(one, 0)) for one in partitions])
        found, ends = [], 0
        while ends < len(partitions):
            one = client.poll(30)
            ends += bool(one.error())
            if not one.error():
                found.append(one)
        return found
    finally:
        client.close()


def committed(cluster, topic, group="readers", partition=0):
    """Where a group stands, and the end of the log, as any client sees them."""
    client = confluent_kafka.Consumer(cluster.client_settings(**{"group.id": group}))
    try:
        where = confluent_kafka.TopicPartition(topic, partition)
        return client.committed([where], timeout=10)[0].offset, client.get_watermark_offsets(where, timeout=10)[1]
    finally:
        client.close()


def started(cluster, folder, file):
    return running(folder / "data", file, env={"KAFKA_BROKERS": cluster.bootstrap})


def letters(cluster, folder, file, *arguments):
    outcome = run_once("dead-letters", *arguments, "--topology", file, "--data", str(folder / "nobody"),
                    env={"KAFKA_BROKERS": cluster.bootstrap}, timeout=60)
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stdout


def take(cluster, topic, size):
    """Has a topic take messages of that size from now on."""
    entry = administration.ConfigEntry("max.message.bytes", str(size), incremental_operation=administration.AlterConfigOpType.SET)
    resource = administration.ConfigResource("topic", topic, incremental_configs=[entry])
    cluster.admin().incremental_alter_configs([resource])[resource].result(60)


def topics(cluster):
    return {name for name in cluster.admin().list_topics(timeout=10).topics if not name.startswith("__")}


def test_a_topic_that_is_made_again_has_other_messages(cluster, tmp_path):
    topic = make_topic(cluster, "reborn", 1)
    file = platform(tmp_path, topic)
    send(cluster, topic, [{"value": f"first {number}".encode()} for number in range(30)])
    with started(cluster, tmp_path, file) as program:
        eventually(lambda: len(documents(program.file, "reader", "messages")) == 30, 60, "the first messages")
        assert program.end() == 0
    # Before the topic, with which the broker deletes a group that has read nothing else.
    cluster.admin().delete_consumer_groups(["readers"])["readers"].result(60)
    cluster.delete_topic(topic)
    eventually(lambda: topic not in topics(cluster), 60, "the end of the topic")
    cluster.create_topic(topic, 1)
    send(cluster, topic, [{"value": f"second {number}".encode()} for number in range(10)])
    with started(cluster, tmp_path, file) as program:
        eventually(lambda: len(documents(program.file, "reader", "messages")) == 40, 60, "the messages of the new topic")
        assert program.end() == 0


def test_ids_that_are_not_text_stay_different(cluster, tmp_path):
    topic = make_topic(cluster, "odd-ids", 1)
    ids = [b"\xff\xfe", b"\xfe\xff", b"\xff\xfe"]
    send(cluster, topic, [{"value": b"text", "headers": [("message-id", each)]} for each in ids])
    with started(cluster, tmp_path, platform(tmp_path, topic)) as program:
        eventually(lambda: committed(cluster, topic)[0] == 3, 60, "all of them")
        assert set(documents(program.file, "reader", "messages")) == {"bytes:\\xff\\xfe", "bytes:\\xfe\\xff"}
        assert program.end() == 0


FOREIGN = [("null", None), ("empty", b""), ("Content-Type", b"text/plain"), ("null", b"not"), ("traceparent", b"no trace"),
           ("last", None)]


def test_a_redriven_message_is_what_it_was_and_where_it_was(cluster, tmp_path):
    topic = make_topic(cluster, "whole", 3)
    file = platform(tmp_path, topic, "greeting", partitions=3, stream=", compatibility: reference")
    records = [{"key": f"key-{number}".encode(), "value": None if number % 2 else b"", "headers": FOREIGN} for number in range(20)]
    sent = send(cluster, topic, records, partitioner="fnv1a_random")
    with started(cluster, tmp_path, file) as program:
        eventually(lambda: program.metric("troupe_kafka_dead_lettered_total") == len(sent), 60, "dead letters")
        assert program.end() == 0
    ends = {one: committed(cluster, topic, partition=one)[1] for one in range(3)}
    letters(cluster, tmp_path, file, "redrive")
    back = {one.key(): one for one in read(cluster, topic, ends)}
    assert len(back) == len(sent)
    for one in sent:
        again = back[one.key()]
        assert again.partition() == one.partition()
        assert again.value() == one.value() and (again.value() is None) == (one.value() is None)
        identity = f"{topic}-{one.partition()}-{one.offset()}@{one.timestamp()[1]}"
        assert again.headers() == [*FOREIGN, ("message-id", identity.encode())]


def test_a_transaction_passes_on_null_and_what_is_large(cluster, tmp_path):
    topic, results = make_topic(cluster, "from", 1), "into"
    cluster.create_topic(results, 1, **{"max.message.bytes": "5000000"})
    take(cluster, topic, 5_000_000)
    file = platform(tmp_path, topic, "text", f"into: {results}, retry: {{delayed: none}}",
                    streams=f"  {results}: {{via: kafka, partitions: 1, replicas: 1}}")
    large = b"x" * 3_000_000
    send(cluster, topic, [{"value": None, "headers": FOREIGN}, {"value": b"", "headers": [("empty", b"")]}, {"value": large}])
    with started(cluster, tmp_path, file) as program:
        eventually(lambda: len(read(cluster, results)) == 3, 60, "results")
        found = read(cluster, results)
        assert [one.value() for one in found] == [None, b"", large]
        assert found[0].headers()[:len(FOREIGN)] == FOREIGN
        assert program.end() == 0


GREETING = json.dumps({"id": "%s", "service": "x", "message": "hello", "created": "2026-11-28T12:24:24Z"})


def greetings(count):
    return [{"value": (GREETING % f"greeting-{number}").encode(), "key": f"key-{number}".encode()} for number in range(count)]


@pytest.mark.parametrize(("size", "limit"), [(1_040_000, None), (3_000_000, 5_000_000)])
def test_whatever_a_topic_took_is_set_aside(cluster, tmp_path, size, limit):
    topic = f"large-{size}"
    file = platform(tmp_path, topic, "greeting")
    env = {"KAFKA_BROKERS": cluster.bootstrap}
    assert run_once("topics", "apply", file, env=env, timeout=60).returncode == 0
    if limit:
        take(cluster, topic, limit)
    garbage = b"\x00" * size
    send(cluster, topic, [{"value": garbage, "key": b"large"}, *greetings(10)])
    with started(cluster, tmp_path, file) as program:
        eventually(lambda: committed(cluster, topic)[0] == 11, 60, "all of them")
        assert len(documents(program.file, "reader", "messages")) == 10
        assert program.end() == 0
    letters(cluster, tmp_path, file, "redrive")
    assert [one.value() for one in read(cluster, topic, {0: 11})] == [garbage]


def test_what_a_topic_took_because_it_was_compressed_goes_back(cluster, tmp_path):
    topic = make_topic(cluster, "compressed", 1)
    take(cluster, f"{topic}.dlq", 9_000_000)
    garbage = b"\x00" * 8_000_000
    send(cluster, topic, [{"value": garbage}], **{"compression.codec": "gzip"})
    file = platform(tmp_path, topic, "greeting")
    with started(cluster, tmp_path, file) as program:
        eventually(lambda: committed(cluster, topic)[0] == 1, 60, "its dead letter")
        assert program.end() == 0
    letters(cluster, tmp_path, file, "redrive")
    assert [one.value() for one in read(cluster, topic, {0: 1})] == [garbage]


def test_what_cannot_be_set_aside_is_reported_and_holds_up_its_key_alone(cluster, tmp_path):
    topic = "larger"
    cluster.create_topic(topic, 1)
    cluster.create_topic(f"{topic}.dlq", 1, **{"max.message.bytes": "1000"})
    send(cluster, topic, [{"value": b"\x00" * 2000, "key": b"key-3"}, *greetings(10)])
    with started(cluster, tmp_path, platform(tmp_path, topic, "greeting")) as program:
        eventually(lambda: len(documents(program.file, "reader", "messages")) == 9, 60, "those of other keys")
        outcome = [line for line in program.lines if "cannot be set aside" in line]
        assert len(outcome) == 1 and "max.message.bytes" in outcome[0] and f"{topic}.dlq" in outcome[0]
        assert program.get("/readyz").status == 200
        take(cluster, f"{topic}.dlq", 10_000)
        eventually(lambda: committed(cluster, topic)[0] == 11, 90, "all of them, once they can be")
        assert program.end() == 0


def test_no_topic_comes_into_being_by_itself(cluster, tmp_path):
    before = topics(cluster)
    file = tmp_path / "missing.yaml"
    file.write_text("""
services:
  maker: {producers: [{to: missing, every: 10ms, text: 'made:{n}'}]}
  reader: {consumers: [{from: missing, group: readers, store: reader.messages, as: text, retry: {delayed-in: topic}}]}
streams:
  missing: {via: kafka, partitions: 1, replicas: 1}
node: {kafka: {encryption: none}}
""")
    with running(tmp_path / "data", str(file), env={"KAFKA_BROKERS": cluster.bootstrap},
                 wait=lambda program: program.wait_until_listening()) as program:
        eventually(lambda: "troupe topics apply" in program.get("/readyz").text(), 60, "what to do")
        assert "missing" in program.get("/readyz").text()
    assert topics(cluster) == before


def test_topics_apply_without_an_authorizer_says_what_cannot_be(cluster, tmp_path):
    file, env = platform(tmp_path, "unguarded"), {"KAFKA_BROKERS": cluster.bootstrap}
    command = ["topics", "apply", file, "--principal", "User:bob"]
    rehearsed = run_once(*command, "--dry-run", env=env, timeout=60)
    done = run_once(*command, env=env, timeout=60)
    assert rehearsed.stdout.replace("would ", "") == done.stdout
    assert "create the topic unguarded with 1 partition" in done.stdout
    refusals = [line for line in done.stdout.splitlines() if "User:bob" in line]
    assert refusals and all(line.startswith("cannot allow ") and "SECURITY_DISABLED" in line for line in refusals)
    assert rehearsed.returncode == done.returncode == 0
    assert {"unguarded", "unguarded.dlq"} <= topics(cluster)


def test_topics_apply_creates_what_it_can_and_says_what_it_cannot(cluster, tmp_path):
    file, env = tmp_path / "partly.yaml", {"KAFKA_BROKERS": cluster.bootstrap}
    file.write_text("""
services:
  reader: {consumers: [{from: impossible, group: readers}, {from: possible, group: readers}]}
streams:
  impossible: {via: kafka, replicas: 7}
  possible: {via: kafka, replicas: 1}
node: {kafka: {encryption: none}}
""")
    rehearsed = run_once("topics", "apply", str(file), "--dry-run", env=env, timeout=60)
    done = run_once("topics", "apply", str(file), env=env, timeout=60)
    assert rehearsed.stdout.replace("would ", "") == done.stdout
    assert "cannot create the topic impossible" in done.stdout and "INVALID_REPLICATION_FACTOR" in done.stdout
    assert rehearsed.returncode == done.returncode == 1
    assert "possible" in topics(cluster) and "impossible" not in topics(cluster)


def test_a_group_goes_past_the_marker_of_a_transaction(cluster, tmp_path):
    topic = make_topic(cluster, "marked", 1)
    client = confluent_kafka.Producer(cluster.client_settings(**{"transactional.id": "maker"}))
    client.init_transactions(30)
    with started(cluster, tmp_path, platform(tmp_path, topic)) as program:
        for number in range(3):
            client.begin_transaction()
            client.produce(topic, value=f"message {number}".encode())
            if number == 1:
                client.flush(10)
                client.abort_transaction(30)
            else:
                client.commit_transaction(30)
        eventually(lambda: committed(cluster, topic) == (6, 6), 30, "no lag by the broker's count")
        assert program.metric("troupe_kafka_lag", topic=topic) == 0
        assert len(query(program.file, "SELECT id FROM documents")) == 2
        assert program.end() == 0
    send(cluster, topic, [{"value": b"after"}])
    with started(cluster, tmp_path, platform(tmp_path, topic)) as program:
        eventually(lambda: len(query(program.file, "SELECT id FROM documents")) == 3, 60, "what came after")
        assert program.end() == 0


def test_a_group_of_another_assignor_is_reported_with_what_to_set(cluster, tmp_path):
    topic = make_topic(cluster, "dealt", 1)
    client = confluent_kafka.Consumer(cluster.client_settings(**{
        "group.id": "readers-by-range", "partition.assignment.strategy": "range", "auto.offset.reset": "earliest"}))
    try:
        client.subscribe([topic])
        eventually(lambda: client.poll(0.1) or client.assignment(), 60, "a member of the group")
        file = tmp_path / "dealt.yaml"
        file.write_text(pathlib.Path(platform(tmp_path, topic)).read_text().replace("group: readers", "group: readers-by-range"))
        with running(tmp_path / "data", str(file), env={"KAFKA_BROKERS": cluster.bootstrap},
                     wait=lambda program: program.wait_until_listening()) as program:
            eventually(lambda: client.poll(0) or "INCONSISTENT_GROUP_PROTOCOL" in program.get("/readyz").text(), 60, "the reason")
            assert "compatibility: reference" in program.get("/readyz").text()
    finally:
        client.close()
