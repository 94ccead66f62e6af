"""The Kafka demonstration of kafka.yaml: two services that talk crosswise through a broker, which ends and is started again."""

import json
import re

import pytest

from driver import composed
from driver.program import eventually
from driver.stored import documents, is_made

SIDES = {"kafka-demo-a": "bar-topic", "kafka-demo-b": "foo-topic"}  # a service, and what it reads
TOOLS = "/opt/kafka/bin"


@pytest.fixture(scope="module")
def demonstration(engine, folder, named):
    quick = {"services": {service: {"environment": {"MSG_FREQ": "1"}} for service in SIDES}}
    with composed.project(engine, folder, "kafka.yaml", "kafka", named, quick) as made:
        made.compose("up", "--detach", timeout=600)
        made.wait_healthy("broker", *SIDES)
        yield made


def kept(demonstration, service):
    """The messages that a service has kept."""
    file = demonstration.volume(service) / "troupe.sqlite"
    return list(documents(file, service, "messages").values()) if is_made(file) else []


def tool(demonstration, name, *arguments, check=True, timeout=180):
    return demonstration.engine.podman("exec", f"{demonstration.name}_broker_1", f"{TOOLS}/{name}", "--bootstrap-server", "broker:9092",
                                       *arguments, check=check, timeout=timeout)


def published(demonstration, topic):
    """How many messages a topic has, by Kafka's own tool."""
    printed = tool(demonstration, "kafka-get-offsets.sh", "--command-config", "/run/secrets/kafka-client.properties", "--topic", topic)
    return sum(int(line.rpartition(":")[2]) for line in printed.splitlines() if line.startswith(f"{topic}:"))


def assert_all_kept(demonstration):
    """Each side has every message of the topic that it reads, and none twice."""
    for service, topic in SIDES.items():
        count = published(demonstration, topic)
        assert count > 0
        eventually(lambda service=service, count=count: len(kept(demonstration, service)) >= count, 120, f"{count} messages of {topic}")
        places = [(each["partition"], each["offset"]) for each in kept(demonstration, service)]
        assert len(places) == len(set(places)), f"{service} has kept a message twice"
        for partition in {place[0] for place in places}:
            offsets = sorted(place[1] for place in places if place[0] == partition)
            assert offsets == list(range(len(offsets))), f"{service} lacks messages of partition {partition}"


def assert_counted(demonstration):
    """The producers, which number their messages, have published each number once."""
    for service in SIDES:
        numbers = sorted(int(re.search(r"This is message (\d+) from host", str(each))[1]) for each in kept(demonstration, service))
        assert numbers == list(range(len(numbers))), f"{service}: {numbers}"


def more(demonstration, count=5):
    """Waits until each side has that many messages more."""
    before = {service: len(kept(demonstration, service)) for service in SIDES}
    for service in SIDES:
        eventually(lambda service=service: len(kept(demonstration, service)) >= before[service] + count, 180, f"more messages at {service}")


def test_each_side_keeps_what_the_other_publishes(demonstration):
    more(demonstration)
    assert_all_kept(demonstration)
    assert_counted(demonstration)
    assert demonstration.state("topics")["ExitCode"] == 0


def test_the_password_is_in_files_and_the_broker_refuses_who_has_none(demonstration):
    password = (demonstration.folder / "secret/kafka-password").read_text(encoding="utf-8")
    mounted = {}
    for service in ("broker", "topics", *SIDES):
        inspected = demonstration.inspected(service)
        assert password not in json.dumps(inspected), service
        mounted[service] = {each["Destination"] for each in inspected["Mounts"] if each["Destination"].endswith((".json", ".properties"))}
    client = "/run/secrets/kafka-client.properties"
    assert mounted == {"broker": {"/mnt/shared/config/server.properties", client}, "topics": {client},
                       **{service: {"/run/secrets/kafka.json"} for service in SIDES}}
    stranger = demonstration.engine.sandbox.run(
        "sh", "-c", f"podman exec {demonstration.name}_broker_1 timeout 20 {TOOLS}/kafka-topics.sh --bootstrap-server broker:9092 --list 2>&1",
        env=demonstration.engine.environment, check=False)
    assert "foo-topic" not in stranger
    listed = tool(demonstration, "kafka-topics.sh", "--command-config", client, "--list").split()
    assert {"foo-topic", "bar-topic", "foo-topic.dlq", "bar-topic.dlq"} <= set(listed)


@pytest.mark.parametrize("service", ["broker", "kafka-demo-a"])
def test_a_check_of_health_fails_where_a_container_is_silent(demonstration, service):
    process = demonstration.state(service)["Pid"]
    eventually(lambda: demonstration.passes_check(service), 60, f"the health of {service}")
    demonstration.engine.sandbox.run("kill", "-STOP", process)
    try:
        assert not demonstration.passes_check(service)
    finally:
        demonstration.engine.sandbox.run("kill", "-CONT", process)
    eventually(lambda: demonstration.passes_check(service), 60, f"the health of {service}")


def test_services_stay_healthy_and_nothing_is_lost_when_the_broker_is_stopped_and_started(demonstration):
    demonstration.compose("stop", "--timeout=60", "broker")
    for service in SIDES:
        eventually(lambda service=service: demonstration.passes_check(service), 60, f"the health of {service} without a broker")
    demonstration.compose("start", "broker")
    demonstration.wait_healthy("broker")
    more(demonstration)
    assert_all_kept(demonstration)
    assert_counted(demonstration)


def test_nothing_is_lost_when_the_broker_is_killed(demonstration):
    demonstration.kill("broker")
    demonstration.wait_healthy("broker")
    more(demonstration)
    assert_all_kept(demonstration)
    assert_counted(demonstration)


def test_nothing_is_lost_when_a_service_is_killed(demonstration):
    demonstration.kill("kafka-demo-a")
    demonstration.wait_healthy(*SIDES)
    more(demonstration)
    assert_all_kept(demonstration)  # it numbers its messages from 0 again
