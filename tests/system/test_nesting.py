"""Values nested as deeply as a message can carry them end nobody, whatever stack the threads are given."""

import contextlib
import json
import resource
import struct

import pika
import pytest

from driver.program import Program, eventually, run_once
from driver.queueing import channel
from driver.rabbitmq import rabbitmq
from driver.stored import document_ids

SMALL_STACK = 2 * 1024 * 1024  # what threads get under `ulimit -s unlimited`, too
TOPOLOGY = """services:
  reader: {consumers: [{from: deep, as: greeting, store: reader.messages}]}
queues: {deep: }
"""
GREETING = b'{"id":"17b82307-d56c-57ce-b799-5a70ac387a41","service":"S","message":"Hi","created":"2026-11-23T01:18:10Z"}'


class NestedHeader(pika.BasicProperties):
    """A header of nested arrays, or of tables, encoded by hand: the client's own encoder does not reach as deep."""

    def __init__(self, levels, kind):
        super().__init__()
        value = b""
        head = b"" if kind == b"A" else b"\x01k"
        lengths = [(len(head) + 5) * level for level in range(levels)]
        for length in reversed(lengths):
            value += head + kind + struct.pack(">I", length)
        if kind == b"F":
            value = value[len(head):]
        table = b"\x04deep" + value
        self.pieces = [struct.pack(">H", 1 << 13), struct.pack(">I", len(table)) + table]

    def encode(self):
        return list(self.pieces)


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with rabbitmq(tmp_path_factory.mktemp("rabbitmq")) as made:
        yield made


def small_stack():
    resource.setrlimit(resource.RLIMIT_STACK, (SMALL_STACK, resource.getrlimit(resource.RLIMIT_STACK)[1]))


@contextlib.contextmanager
def started(broker, data, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(TOPOLOGY)
    program = Program(data, str(file), env={"RABBITMQ_CONN": broker.url()}, preexec=small_stack)
    try:
        yield program.wait_until_ready()
    finally:
        program.kill()


@pytest.mark.parametrize(("levels", "kind"), [(26_000, b"A"), (18_000, b"F")])
def test_headers_of_amqp_may_be_nested_as_deeply_as_a_frame_holds(broker, data, tmp_path, levels, kind):
    with started(broker, data, tmp_path) as program:
        with channel(broker.url()) as on:
            on.basic_publish("", "deep", GREETING, NestedHeader(levels, kind))
        eventually(lambda: document_ids(program.file, "reader", "messages"), awaited="the effect of the message")
        assert program.end() == 0


def test_payloads_that_are_nested_too_deeply_are_set_aside_with_the_bound(broker, data, tmp_path):
    texts = ["[" * 25_000, '{"a":' * 25_000, "[" * 25_000 + "]" * 25_000]
    with started(broker, data, tmp_path) as program:
        where = ["--data", str(data), "--admin", program.admin]

        def letters():
            result = run_once("dead-letters", "list", "--format", "json", *where)
            assert (result.returncode, result.stderr) == (0, "")
            return [json.loads(line) for line in result.stdout.splitlines()] if result.stdout != "no dead letters\n" else []

        with channel(broker.url()) as on:
            for number, text in enumerate(texts):
                on.basic_publish("", "deep", text, pika.BasicProperties(message_id=str(number)))
        eventually(lambda: len(letters()) == len(texts), awaited="the dead letters")
        for letter in letters():
            assert letter["error"] == "undecodable" and "nested deeper than 16 levels" in letter["reason"]
            shown = run_once("dead-letters", "show", str(letter["number"]), "--format", "json", *where)
            assert json.loads(shown.stdout)["payload"] == texts[int(letter["id"])]
        assert program.end() == 0
