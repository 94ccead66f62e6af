"""What a message has beside its bytes, and who may look at it, over a real RabbitMQ with a client that is not ours."""

import contextlib
import datetime
import decimal
import threading
import uuid

import pika
import pytest

from driver.mongodb import mongodb
from driver.program import Program, eventually, run_once
from driver.queueing import channel, ready, take
from driver.rabbitmq import rabbitmq
from driver.stored import query

TOPOLOGY = """
services:
  service-f:
    consumers: [{{from: {queue}, store: service-f.messages, as: {kind}}}]
queues: {{{queue}: {properties}}}
node: {{queues: amqp, amqp: {{url: 'env:RABBITMQ_CONN'}}}}
"""
WHEN = int(datetime.datetime(2026, 11, 28, 12, tzinfo=datetime.timezone.utc).timestamp())
PROPERTIES = {"content_type": "application/json", "content_encoding": "identity", "correlation_id": "correlation",
              "reply_to": "answers", "type": "greeting", "priority": 3, "timestamp": WHEN, "app_id": "an-app",
              "expiration": "600000", "delivery_mode": 1, "message_id": "the-id", "user_id": "admin"}
HEADERS = {"number": 7, "large": 1 << 40, "truth": True, "text": "seven", "bytes": b"\xff\x00", "none": None, "cents": decimal.Decimal("1.25"),
           "when": datetime.datetime(2026, 11, 28, 12), "list": [1, "two", None], "table": {"deep": {"deeper": 3}},
           "b3": "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1"}


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with rabbitmq(tmp_path_factory.mktemp("rabbitmq")) as made:
        yield made


@pytest.fixture
def queue():
    return f"queue-{uuid.uuid4()}"


@pytest.fixture
def topology(tmp_path, queue):
    def write(kind="greeting", properties="{}"):
        file = tmp_path / "topology.yaml"
        file.write_text(TOPOLOGY.format(queue=queue, kind=kind, properties=properties))
        return str(file)
    return write


@pytest.fixture
def started(tmp_path, broker):
    with contextlib.ExitStack() as programs:
        def start(file, **env):
            program = Program(tmp_path / "data", file, env={"RABBITMQ_CONN": broker.url(), **env})
            programs.callback(program.kill)
            return program.wait_until_listening()
        yield start


def publish(broker, queue, *bodies, **properties):
    with channel(broker.url(), confirmed=True) as made:
        def taken(body):
            with contextlib.suppress(pika.exceptions.NackError):  # a new quorum queue has no leader for a moment
                made.basic_publish("", queue, body, pika.BasicProperties(**properties), mandatory=True)
                return True
        for body in bodies:
            eventually(lambda one=body: taken(one), 20, "a message that is taken")


def seen(properties):
    """What a client sees of them."""
    return {name: value for name, value in vars(properties).items() if value is not None}


def command(broker, file, *arguments):
    return run_once("dead-letters", *arguments, "--topology", file, "--data", "/nonexistent",
                    env={"RABBITMQ_CONN": broker.url()})


def letters_in_order(broker, queue):
    """Their ids and counts of deliveries, as they lie there; they stay."""
    with channel(broker.url()) as made:
        found = []
        while (one := made.basic_get(queue + ".dlq"))[0]:
            found.append((one[1].message_id, (one[1].headers or {}).get("x-delivery-count", 0)))
        return found


def test_looking_at_dead_letters_changes_nothing_of_them(broker, topology, queue, started):
    file = topology()
    broker.ctl("set_policy", "limited", ".*", '{"delivery-limit": 20}', "--apply-to", "queues")
    f = started(file)
    eventually(lambda: f.metric("troupe_amqp_sessions_total") == 1, awaited="a queue that is consumed")
    for number in range(5):
        publish(broker, queue, b"poison", message_id=f"letter-{number}")
    eventually(lambda: f.metric("troupe_amqp_dead_lettered_total") == 5, awaited="five dead letters")
    assert f.end() == 0
    before = letters_in_order(broker, queue)
    broker.ctl("delete_queue", queue)
    for look in range(22):
        listed = command(broker, file, "list")
        assert listed.returncode == 0 and "letter-4" in listed.stdout, (look, listed)
        if look % 7 == 0:
            number = listed.stdout.splitlines()[3].split()[0]
            assert "letter-" in command(broker, file, "show", number).stdout
            assert command(broker, file, "redrive").returncode == 1  # its queue is gone
        assert letters_in_order(broker, queue) == before  # and that, too, is a look, which is cut off
    broker.ctl("clear_policy", "limited")


def test_a_page_of_many_dead_letters_is_read_and_no_more(broker, topology, queue):
    file = topology()
    assert run_once("topics", "apply", file, env={"RABBITMQ_CONN": broker.url()}).returncode == 0
    facts = {"dead-letter-reason": "no", "dead-letter-error": "rejected", "dead-letter-source": queue, "dead-letter-partition": "0",
             "dead-letter-offset": "1", "dead-letter-attempts": "1", "dead-letter-first-failure": "2026-11-28T12:00:00Z",
             "dead-letter-service": "service-f"}
    with channel(broker.url()) as made:
        for number in range(3000):
            facts["dead-letter-last-failure"] = f"2026-11-28T12:{number // 60:02}:{number % 60:02}Z"
            made.basic_publish("", queue + ".dlq", b"", pika.BasicProperties(message_id=f"letter-{number:04}", headers=facts))
    eventually(lambda: ready(broker.url(), queue + ".dlq") == 3000, 30, "all of them")
    got = [line.split()[5] for line in command(broker, file, "list", "--limit", "10").stdout.splitlines()[1:]]
    assert got == [f"letter-{number:04}" for number in range(10)]
    with channel(broker.url()) as made:  # only those in front were in somebody's hands
        flags = [made.basic_get(queue + ".dlq")[0].redelivered for _ in range(3000)]
    assert flags[0] and flags.count(True) < 600


def test_a_queue_of_dead_letters_that_counts_loses_none_to_who_looks(broker, topology, queue):
    file = topology()
    with channel(broker.url(), confirmed=True) as made:
        made.queue_declare(queue + ".dlq", durable=True, arguments={"x-queue-type": "quorum", "x-delivery-limit": 3})
    headers, bodies = {"number": 7, "list": [1]}, [str(number).encode() for number in range(250)]
    publish(broker, queue + ".dlq", *bodies, message_id="letter", correlation_id="correlation", headers=headers)
    for look in range(8):
        assert command(broker, file, "list", "--limit", "1000").stdout.count("letter") == len(bodies), look
    assert command(broker, file, "redrive").returncode == 1  # there is no queue
    for _ in bodies:
        properties, body = take(broker.url(), queue + ".dlq")
        bodies = [each for each in bodies if each != body]
        assert properties.correlation_id == "correlation"
        assert properties.headers.pop("x-delivery-count") <= 1
        assert properties.headers == headers
    assert not bodies


@pytest.mark.parametrize("kept", [{}, {**PROPERTIES, "headers": HEADERS}], ids=["nothing", "everything"])
def test_a_message_is_whole_after_it_was_set_aside_and_sent_back(broker, topology, queue, started, kept):
    file = topology()
    f = started(file)
    eventually(lambda: f.metric("troupe_amqp_sessions_total") == 1, awaited="a queue that is consumed")
    with channel(broker.url(), confirmed=True) as made:
        made.queue_declare(queue + ".copy", durable=True)
        made.basic_publish("", queue + ".copy", b"poison", pika.BasicProperties(**kept))
        made.basic_publish("", queue, b"poison", pika.BasicProperties(**kept))
    eventually(lambda: f.metric("troupe_amqp_dead_lettered_total") == 1, awaited="a dead letter")
    assert f.end() == 0
    with channel(broker.url()) as made:
        aside = made.basic_get(queue + ".dlq")[1]
    acted_on_there = {"delivery_mode", "expiration", "user_id", "headers"}
    for name, value in kept.items():
        assert name in acted_on_there or getattr(aside, name) == value, name
    for name, value in kept.get("headers", {}).items():
        assert aside.headers[name] == value
    assert command(broker, file, "redrive").stdout == "redriven: 1\n"
    wanted, _ = take(broker.url(), queue + ".copy")
    back, body = take(broker.url(), queue)
    assert (back.headers or {}).pop("x-delivery-count", 0) == 0  # the broker's own
    assert body == b"poison"
    assert seen(back) | {"headers": back.headers or {}} == seen(wanted) | {"headers": wanted.headers or {}}


def test_a_message_as_large_as_a_frame_of_headers_is_set_aside(broker, topology, queue, started):
    f = started(topology())
    eventually(lambda: f.metric("troupe_amqp_sessions_total") == 1, awaited="a queue that is consumed")
    for size in (130_000, 130_800, 130_950):
        publish(broker, queue, b"poison", message_id=str(size), headers={"large": "x" * size})
    eventually(lambda: f.metric("troupe_amqp_dead_lettered_total") == 3, awaited="three dead letters")
    assert sorted(one for one, _ in letters_in_order(broker, queue)) == ["130000", "130800", "130950"]


def test_a_message_of_more_bytes_than_may_be_in_flight_is_set_aside(broker, topology, queue, started):
    f = started(topology())
    eventually(lambda: f.metric("troupe_amqp_sessions_total") == 1, awaited="a queue that is consumed")
    publish(broker, queue, b"x" * 67_108_865, message_id="large")
    publish(broker, queue, b"poison", message_id="small")
    eventually(lambda: f.metric("troupe_amqp_dead_lettered_total") == 2, 60, "two dead letters")
    assert ready(broker.url(), queue + ".dlq") == 2


def consumers_of(broker, queue):
    """The channels of its consumers, and of those that are active."""
    lines = [line.split("\t") for line in broker.ctl("list_consumers", "queue_name", "channel_pid", "active").splitlines()]
    of_queue = [(channel_id, active == "true") for name, channel_id, active in lines if name == queue]
    return [one for one, _ in of_queue], [one for one, active in of_queue if active]


def publish_numbers(broker, queue, numbers):
    """One message of each number, which is its id, all of one key."""
    with channel(broker.url(), confirmed=True) as made:
        for number in numbers:
            properties = pika.BasicProperties(message_id=str(number), headers={"message-key": "key"})
            made.basic_publish("", queue, b"text", properties, mandatory=True)


def numbers_in(program):
    """Of the messages that it has stored, in the order in which it did."""
    rows = query(program.file, "SELECT id FROM documents WHERE database = 'service-f' AND collection = 'messages' ORDER BY sequence")
    return [int(number) for (number,) in rows]


def test_a_single_active_consumer_is_followed_by_the_one_that_waits(broker, topology, queue, tmp_path):
    file = topology("text", "{declared-by: operators}")
    with channel(broker.url(), confirmed=True) as made:
        made.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum", "x-single-active-consumer": True})
    assert run_once("topics", "apply", file, env={"RABBITMQ_CONN": broker.url()}).returncode in (0, 1)

    with contextlib.ExitStack() as programs:
        def start(name):
            """Starts one that waits, unless it is the only one."""
            there = set(consumers_of(broker, queue)[0])
            program = Program(tmp_path / name, file, env={"RABBITMQ_CONN": broker.url()})
            programs.callback(program.kill)
            program.wait_until_listening()
            eventually(lambda: len([one for one in consumers_of(broker, queue)[0] if one not in there]) == 2, 30, "its consumers")
            return program

        def active():
            """The channel of the only one that is active."""
            return eventually(lambda: (all_active := consumers_of(broker, queue)[1])[1:] == [] and all_active, 20, "one")[0]

        first, second = start("first"), start("second")
        of_first = active()
        publish_numbers(broker, queue, range(300))
        eventually(lambda: first.metric("troupe_amqp_settled_total") == 300, 60, "all of them")
        assert active() == of_first
        assert numbers_in(first) == list(range(300)) and not numbers_in(second)

        publishing = threading.Thread(target=publish_numbers, args=(broker, queue, range(300, 700)))
        publishing.start()
        eventually(lambda: len(numbers_in(first)) > 400, 60, "some of the next ones")
        assert first.end() == 0  # while there is more to do
        publishing.join(60)
        publish_numbers(broker, queue, range(700, 900))
        eventually(lambda: second.metric("troupe_amqp_settled_total") + len(numbers_in(first)) == 900, 60, "all of them")
        of_second = active()
        assert of_second != of_first
        assert numbers_in(first) + numbers_in(second) == list(range(900))

        third = start("third")
        assert active() == of_second
        publishing = threading.Thread(target=publish_numbers, args=(broker, queue, range(900, 1300)))
        publishing.start()
        eventually(lambda: 1000 in numbers_in(second), 60, "some of the next ones")
        second.kill()
        publishing.join(60)
        publish_numbers(broker, queue, range(1300, 1500))
        eventually(lambda: numbers_in(third)[-1:] == [1499], 60, "all of them")
        assert active() not in (of_first, of_second)
        before, after = numbers_in(second), numbers_in(third)
        assert before == list(range(before[0], before[-1] + 1))
        assert after == list(range(after[0], 1500)) and after[0] <= before[-1] + 1  # what was in hand came again
        eventually(lambda: third.metric("troupe_amqp_unsettled") == 0 and ready(broker.url(), queue) == 0, 30, "an empty queue")
        assert third.metric("troupe_amqp_dead_lettered_total") == 0
        assert third.end() == 0
        eventually(lambda: not consumers_of(broker, queue)[0], 20, "a queue without consumers")
        assert ready(broker.url(), queue) == 0  # everything is acknowledged


def test_ids_are_bytes_in_mongodb_too(broker, topology, queue, started, tmp_path):
    ids = [b"\xff\xfe", b"\xfe\xff", b"bytes:\\xff\\xfe", b"bytes:", "\N{SNOWMAN}".encode(), b"\xff\xfe"]
    with mongodb(tmp_path / "mongodb") as server:
        f = started(topology("text"), MONGO_CONN=server.uri())
        eventually(lambda: f.metric("troupe_amqp_sessions_total") == 1, awaited="a queue that is consumed")
        for each in ids:
            publish(broker, queue, b"text", message_id=each)
        eventually(lambda: f.metric("troupe_amqp_settled_total") == len(ids), 30, "all of them")
        assert len(server.documents("service-f", "messages")) == len(set(ids))
