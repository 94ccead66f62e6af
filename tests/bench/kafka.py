#!/usr/bin/env python3
"""Kafka on one real broker: rates and latencies beside raw clients of librdkafka, and the memory of a program that consumes
a long topic.

kafka.py FOLDER [ROUNDS [MESSAGES]]; TROUPE_PROGRAM names the program, and Python is the one of tests/prepare.
"""

import pathlib
import statistics
import subprocess
import sys
import time

import confluent_kafka
from measuring import report

from driver.kafka import kafka
from driver.program import PROGRAM
from driver.streaming import service, topology

BIN = pathlib.Path(PROGRAM).parent
# As a broker runs that is there for long.
JAVA_OPTIONS = ("-Xms512m", "-Xmx512m", "-Djava.net.preferIPv4Stack=true", "-Djava.awt.headless=true")
BATCH = 100  # messages of one publish
PER_SECOND = 1000
TOPIC = "long"


def compare(name, broker, **options):
    """Runs a benchmark, which prints its figures."""
    words = [word for option, value in options.items() for word in (f"--{option}", str(value))]
    subprocess.run([BIN / f"bench_kafka_{name}", broker, *words], check=True)


def fill(broker, messages):
    """Makes the topic and so many messages of many keys in it."""
    broker.create_topic(TOPIC)
    broker.create_topic(TOPIC + ".dlq", 1)
    producer = confluent_kafka.Producer(broker.client_settings(**{"enable.idempotence": True, "linger.ms": 5}))
    for number in range(messages):
        if number % 10_000 == 0:
            producer.flush()
        producer.produce(TOPIC, key=f"key-{number % 1000}", value=f"{number:0200d}")
    assert producer.flush(60) == 0


def memory_while_consuming(broker, folder, messages):
    """Anonymous resident memory in MB, sampled while a program stores what it consumes: the samples of either half."""
    file = topology(folder, TOPIC, replicas=1)
    collector = service(folder, file, "collector", broker)
    try:
        halves = ([collector.anonymous_memory() / 1e6], [])
        while (settled := collector.metric("troupe_kafka_settled_total")) < messages:
            halves[settled >= messages / 2].append(collector.anonymous_memory() / 1e6)
            time.sleep(0.1)
        halves[1].append(collector.anonymous_memory() / 1e6)
        assert collector.end() == 0
    finally:
        collector.kill()
    return halves


def main(folder, rounds=7, messages=1_000_000):
    folder, rounds, messages = pathlib.Path(folder), int(rounds), int(messages)
    with kafka(folder / "broker", java_options=JAVA_OPTIONS) as broker:
        compare("publish", broker.bootstrap, rounds=rounds, batches=messages // 2 // BATCH)
        compare("settle", broker.bootstrap, rounds=rounds, messages=messages // 2)
        compare("latency", broker.bootstrap, rounds=rounds, messages=min(messages, 10 * PER_SECOND))
        fill(broker, messages)
        first, second = memory_while_consuming(broker, folder, messages)
    report(f"Kafka, anonymous memory while {messages} messages are consumed", "MB", [max(first + second)], target="value < 150")
    report("Kafka, its growth in the second half", "MB", [statistics.median(second) - statistics.median(first)], target="value <= 5")


if __name__ == "__main__":
    main(*sys.argv[1:])
