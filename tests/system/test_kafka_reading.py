"""What a reader of a Kafka topic does and reports when the topic is quiet, when something of it was removed or is held back, and
when it is another one under the same name."""

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
    """The lag of each partition that has one."""
    return {line.split('partition="')[1].split('"')[0]: float(line.rsplit(" ", 1)[1])
            for line in program.get("/metrics").text().splitlines() if line.startswith("troupe_kafka_lag{")}


def test_the_lag_is_reported_of_each_partition_from_the_start(reader, send):
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


def greeting(name):
    return json.dumps({"id": name, "service": "s", "message": "m", "created": "2026-01-01T00:00:00Z"})


def produce(cluster, topic, names):
    producer = confluent_kafka.Producer(cluster.client_settings())
    for each in names:
        producer.produce(topic, partition=0, value=greeting(each))
    assert producer.flush(30) == 0


def remove_before(cluster, topic, offset):
    """As retention does it."""
    done = cluster.admin().delete_records([confluent_kafka.TopicPartition(topic, 0, offset)])
    assert [each.result(60).low_watermark for each in done.values()] == [offset]


def logged(program, words):
    return any(words in json.loads(line)["msg"] for line in program.lines)


def removed(program):
    return program.metric("troupe_kafka_removed_unread_total", topic="short", group="readers")


def test_what_the_brokers_removed_unread_is_reported_and_counted(cluster, tmp_path):
    make_topic(cluster, "short", 1)
    platform = reading(tmp_path, "short")
    produce(cluster, "short", [f"read-{number}" for number in range(10)])
    with running(tmp_path / "data", platform, env={"KAFKA_BROKERS": cluster.bootstrap}) as program:
        eventually(lambda: len(stored(program)) == 10, 30, "the effects")
        assert removed(program) == 0
        assert program.end() == 0
    produce(cluster, "short", [f"gone-{number}" for number in range(80)] + ["left"])
    remove_before(cluster, "short", 90)
    with running(tmp_path / "data", platform, env={"KAFKA_BROKERS": cluster.bootstrap}) as program:
        eventually(lambda: "left" in stored(program), 60, "the effect of what is left")
        eventually(lambda: logged(program, "offsets 10 to 89 of partition 0 of short were removed before group readers had read "
                                         "them"), 10, "a word of what is lost")
        assert removed(program) == 80
        assert program.end() == 0
    produce(cluster, "short", [f"gone-too-{number}" for number in range(5)])
    remove_before(cluster, "short", 96)  # and so nothing is left
    with running(tmp_path / "data", platform, env={"KAFKA_BROKERS": cluster.bootstrap}) as program:
        eventually(lambda: removed(program) == 5, 60, "the count of what is lost")
        produce(cluster, "short", ["new"])
        eventually(lambda: "new" in stored(program), 30, "the effect of what is new")
        assert removed(program) == 5
        assert program.end() == 0


def test_a_group_whose_progress_the_brokers_have_forgotten_is_reported_where_it_begins(cluster, tmp_path):
    make_topic(cluster, "forgotten", 1)
    platform = reading(tmp_path, "forgotten")
    platform_file = tmp_path / "reading.yaml"
    platform_file.write_text(platform_file.read_text().replace("readers", "forgotten-readers"))
    produce(cluster, "forgotten", ["once"])
    begins = "gained 1 partitions of forgotten; in 1 of them group forgotten-readers has no committed offset"
    with running(tmp_path / "data", platform, env={"KAFKA_BROKERS": cluster.bootstrap}) as program:
        eventually(lambda: "once" in stored(program), 30, "the effect")
        assert logged(program, begins)
        assert program.end() == 0
    with running(tmp_path / "data", platform, env={"KAFKA_BROKERS": cluster.bootstrap}) as program:
        eventually(lambda: logged(program, "gained 1 partitions of forgotten"), 30, "the partition")
        assert not logged(program, begins)
        assert program.end() == 0
    for done in cluster.admin().delete_consumer_groups(["forgotten-readers"]).values():
        done.result(60)
    with running(tmp_path / "data", platform, env={"KAFKA_BROKERS": cluster.bootstrap}) as program:
        eventually(lambda: logged(program, begins), 30, "a word of the beginning")
        assert program.end() == 0


def test_a_transaction_that_is_not_ended_is_reported_as_what_holds_the_reader_up(cluster, tmp_path):
    make_topic(cluster, "open", 1)
    settings = {"transactional.id": "somebody", "transaction.timeout.ms": 600_000}
    somebody = confluent_kafka.Producer(cluster.client_settings(**settings))
    somebody.init_transactions(60)
    with running(tmp_path / "data", reading(tmp_path, "open"), env={"KAFKA_BROKERS": cluster.bootstrap}) as program:
        somebody.begin_transaction()
        somebody.produce("open", partition=0, value=greeting("never"))
        assert somebody.flush(30) == 0
        produce(cluster, "open", ["behind"])

        def detail():
            checks = {each["name"]: each for each in program.get("/readyz").json()["checks"]}
            return checks.get("reader/consumer-subscription/stalled", {}).get("detail", "")
        eventually(lambda: "a transaction before it was not ended by its producer: unavailable: offset 0 of partition 0 of open, "
                           "where the log ends at 2" in detail(), 60, "a word of the transaction")
        assert program.metric("troupe_stalled_seconds", reason="transaction") >= 30
        assert not stored(program)
        somebody.abort_transaction(60)
        eventually(lambda: stored(program) == {"behind"}, 30, "the effect of what stood behind it")
        eventually(lambda: not detail(), 30, "an end of the stall")
        assert program.end() == 0


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
