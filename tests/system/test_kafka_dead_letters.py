"""`troupe dead-letters` on a Kafka cluster while no program runs: from a machine that has no data, and under the same numbers
as from the program that set the messages aside."""

import json
import subprocess

import confluent_kafka
import pytest

from driver.kafka import kafka
from driver.program import PROGRAM, Program, clean_environment, eventually, run_once, running
from driver.streaming import make_topic, reading


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with kafka(tmp_path_factory.mktemp("kafka")) as made:
        make_topic(made, "greetings", 1)
        yield made


def test_dead_letters_without_a_running_program(cluster, tmp_path):
    file = reading(tmp_path, "greetings")
    env = {"KAFKA_BROKERS": cluster.bootstrap}

    def letters(*arguments, data=tmp_path / "elsewhere"):
        result = run_once("dead-letters", *arguments, "--topology", file, "--data", str(data), env=env, timeout=60)
        assert result.returncode == 0, result.stderr
        return result.stdout

    producer = confluent_kafka.Producer(cluster.client_settings())
    for payload in (b"no greeting", b"\xff\xfe"):
        producer.produce("greetings", value=payload)
    assert producer.flush(30) == 0
    with running(tmp_path / "data", file, env=env) as program:
        eventually(lambda: program.metric("troupe_kafka_dead_lettered_total") == 2, 30, "dead letters")
        of_program = program.ask_admin("/dead-letters").json()["dead_letters"]
        assert program.end() == 0

    found = [json.loads(line) for line in letters("list", "--format", "json").splitlines()]
    assert found == of_program
    assert [one["id"].split("@")[0] for one in found] == ["greetings-0-0", "greetings-0-1"]
    assert letters("list", "--format", "json", data=tmp_path / "data") == letters("list", "--format", "json")
    number = str(found[0]["number"])
    assert "greetings-0-0" in letters("show", number)
    letters("redrive", "--number", number)
    assert [json.loads(line)["id"] for line in letters("list", "--format", "json").splitlines()] == [found[1]["id"]]
    letters("redrive")
    assert letters("list") == "no dead letters\n"
    assert not (tmp_path / "elsewhere").exists()


def committed_ids(cluster, topic, partitions):
    """The ids of what is committed, partition by partition."""
    client = confluent_kafka.Consumer(cluster.client_settings(**{
        "group.id": "nobody", "enable.auto.commit": False, "isolation.level": "read_committed", "enable.partition.eof": True}))
    found = []
    try:
        for partition in range(partitions):
            client.assign([confluent_kafka.TopicPartition(topic, partition, 0)])
            while not (one := client.poll(30)).error():
                found.append(dict(one.headers())["message-id"].decode())
            assert one.error().code() == confluent_kafka.KafkaError._PARTITION_EOF
        return found
    finally:
        client.close()


def test_a_redrive_that_is_killed_midway_loses_nothing_and_repeats_nothing(cluster, tmp_path):
    file = reading(tmp_path, make_topic(cluster, "orders", 1))
    env, ids = {"KAFKA_BROKERS": cluster.bootstrap}, {f"letter-{number}" for number in range(40)}
    producer = confluent_kafka.Producer(cluster.client_settings())
    for each in sorted(ids):
        producer.produce("orders", value=b"no greeting", headers=[("message-id", each.encode())])
    assert producer.flush(30) == 0
    with running(tmp_path / "data", file, env=env) as program:
        eventually(lambda: program.metric("troupe_kafka_dead_lettered_total") == len(ids), 30, "dead letters")
        assert program.end() == 0

    def sent_back():
        return committed_ids(cluster, "orders", 1)[len(ids):]

    command = ["dead-letters", "redrive", "--topology", file, "--data", str(tmp_path / "nobody")]
    redrive = subprocess.Popen([PROGRAM, *command, "--rate", "4"], env=clean_environment(env), stdout=subprocess.DEVNULL)
    eventually(lambda: len(sent_back()) >= 5, 60, "some that were sent back")
    redrive.kill()
    redrive.wait()
    assert len(sent_back()) < len(ids)
    again = run_once(*command, env=env, timeout=120)
    assert again.returncode == 0, again.stderr
    assert sorted(sent_back()) == sorted(ids)


def test_more_dead_letters_than_a_page_go_back_in_a_few_transactions(cluster, tmp_path):
    topics = [make_topic(cluster, name, 2) for name in ("mass", "more")]
    env, per_topic = {"KAFKA_BROKERS": cluster.bootstrap}, 900
    producer = confluent_kafka.Producer(cluster.client_settings())
    file = tmp_path / "two.yaml"
    file.write_text("services:\n" + "".join(f"  reader-{name}: {{consumers: [{{from: {name}, group: {name}, store: reader.messages}}]}}\n"
                                           for name in topics)
                    + "streams:\n" + "".join(f"  {name}: {{via: kafka, partitions: 2, replicas: 1}}\n" for name in topics)
                    + "node:\n  kafka: {encryption: none}\n")
    for name in topics:
        for number in range(per_topic):
            producer.produce(name, key=str(number).encode(), value=b"no greeting", headers=[("message-id", f"{name} {number}".encode())])
    assert producer.flush(30) == 0
    with running(tmp_path / "data", str(file), env=env) as program:
        eventually(lambda: program.metric("troupe_kafka_dead_lettered_total") == 2 * per_topic, 60, "dead letters")
        assert program.end() == 0
    where = ["--topology", str(file), "--data", str(tmp_path / "nobody")]
    some = run_once("dead-letters", "redrive", "--rate", "300", "--source", "mass", "--limit", "500", *where, env=env, timeout=60)
    assert (some.returncode, some.stdout, some.stderr) == (0, "redriven: 500\n", "")
    rest = run_once("dead-letters", "redrive", "--limit", "100000", *where, env=env, timeout=60)  # a transaction for each would take an hour
    assert (rest.returncode, rest.stdout, rest.stderr) == (0, "redriven: 1300\n", "")
    assert run_once("dead-letters", "list", *where, env=env, timeout=60).stdout == "no dead letters\n"
    for name in topics:
        assert sorted(committed_ids(cluster, name, 2)) == sorted(2 * [f"{name} {number}" for number in range(per_topic)])


def test_a_cluster_that_is_away_is_reported(tmp_path):
    file = reading(tmp_path, "greetings")
    result = run_once("dead-letters", "list", "--topology", file, "--data", str(tmp_path / "none"),
                    env={"KAFKA_BROKERS": "127.0.0.1:1"}, timeout=60)
    assert result.returncode == 1
    assert result.stderr.startswith("troupe: ") and "127.0.0.1:1" in result.stderr


def test_topics_of_a_cluster_that_is_away_name_the_broker(tmp_path):
    result = run_once("topics", "apply", reading(tmp_path, "greetings"), env={"KAFKA_BROKERS": "127.0.0.1:1"}, timeout=60)
    assert result.returncode == 1
    assert "127.0.0.1:1" in result.stderr and "refused" in result.stderr


def test_what_a_producer_could_not_send_is_not_said_to_come_again(tmp_path):
    file = tmp_path / "producing.yaml"
    file.write_text("services: {a: {producers: [{to: x, every: 10ms}]}}\nstreams: {x: {via: kafka}}\n"
                    "node: {shutdown: {drain: 100ms, flush: 100ms}}\n")
    with running(tmp_path / "data", str(file), env={"KAFKA_BROKERS": "127.0.0.1:1"}, wait=Program.wait_until_listening) as program:
        eventually(lambda: program.metric("troupe_kafka_publishing") > 0, awaited="a message under way")
        assert program.end() == 0
        lines = [json.loads(line)["msg"] for line in program.lines]
    assert any("messages of producers were not acknowledged" in line for line in lines)
    assert not any("come again" in line for line in lines)
