"""Messages with keys and numbers from an independent producer, and what became of them in the stores of those who consume."""

import json
import pathlib
import threading
import time
import uuid

import confluent_kafka

from driver.program import Program, eventually
from driver.stored import query

TOPOLOGY = """
services:
  maker:
    producers: [{{to: {topic}, every: {every}, limit: {limit}, text: 'made:{{n}}'}}]
  collector:
    consumers:
      - {{from: {topic}, group: collectors, store: collector.messages, as: text,
          retry: {{delayed: [1s, 2s, 4s]}}, breaker: {{open: 2s}}}}
streams:
  {topic}: {{via: kafka, partitions: 3, replicas: {replicas}}}
node:
  kafka: {{encryption: none, properties: [{properties}]}}
"""


def topology(folder, topic="orders", every="5ms", limit=2000, replicas=3, properties="session.timeout.ms=10000"):
    """Writes the platform of a maker and a collector, and returns its file."""
    file = pathlib.Path(folder) / "streaming.yaml"
    file.write_text(TOPOLOGY.format(topic=topic, every=every, limit=limit, replicas=replicas, properties=properties))
    return str(file)


def service(folder, file, name, kafka, number=1, wait=True):
    """One process of a service, with its data in a folder of its own. It keeps that folder over restarts."""
    program = Program(pathlib.Path(folder) / f"{name}-{number}", file, "--service", name, env={"KAFKA_BROKERS": kafka.bootstrap})
    return program.wait_until_ready(60) if wait else program.wait_until_listening(60)


class Source:
    """Produces messages of several keys, each with its number within its key, and keeps those that were acknowledged."""

    def __init__(self, kafka, topic, keys=16, pause=0.002):
        self.topic, self.keys, self.pause = topic, keys, pause
        self.accepted = {}  # id -> (key, number)
        self.failed = 0
        self._client = confluent_kafka.Producer(kafka.client_settings(**{
            "enable.idempotence": True, "partitioner": "murmur2_random", "linger.ms": 2, "message.timeout.ms": 300_000}))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self._thread.start()
        return self

    def _run(self):
        number = 0
        while not self._stop.is_set():
            self.send(f"key-{number % self.keys}", number // self.keys)
            number += 1
            time.sleep(self.pause)

    def send(self, key, number, payload=None):
        name = str(uuid.uuid4())

        def told(error, _message):
            if error is None:
                self.accepted[name] = (key, number)
            else:
                self.failed += 1

        self._client.produce(self.topic, key=key, value=payload or f"{key}:{number}", headers=[("message-id", name.encode())],
                             on_delivery=told)
        self._client.poll(0)
        return name

    def finish(self):
        """Stops, and waits until everything was acknowledged."""
        self._stop.set()
        if self._thread.ident:
            self._thread.join(10)
        assert self._client.flush(120) == 0, "messages were not acknowledged"
        assert self.failed == 0
        return self


class Collected:
    """What is in the stores of the collectors."""

    def __init__(self, *files):
        self.files = files

    def rows(self):
        """For each store, the documents in the order in which they were stored."""
        for file in self.files:
            yield [json.loads(body) for (body,) in query(file, "SELECT body FROM documents ORDER BY sequence")]

    def ids(self):
        return [one["id"] for rows in self.rows() for one in rows]

    def made(self):
        """The numbers of the maker's messages."""
        return [int(one["message"].split(":")[1]) for rows in self.rows() for one in rows if one["message"].startswith("made:")]

    def check(self, source, made=0, within=120):
        """Every message that was acknowledged has its effect once, and those of each key in their order."""
        wanted = set(source.accepted)
        eventually(lambda: wanted <= set(self.ids()), within, "the effects of all that was accepted")
        if made:
            eventually(lambda: set(self.made()) == set(range(made)), within, "the effects of all that was made")
        ids = self.ids()
        assert len(ids) == len(set(ids)), f"{len(ids) - len(set(ids))} effects happened twice"
        for rows in self.rows():
            seen = {}
            for one in rows:
                if one["id"] in source.accepted:
                    key, number = source.accepted[one["id"]]
                    assert seen.get(key, -1) < number, f"{key} went back from {seen[key]} to {number}"
                    seen[key] = number


def recovery(source_or_collected, before, within=120):
    """How long until more is there than `before`, in seconds."""
    began = time.monotonic()
    eventually(lambda: len(source_or_collected()) > before, within, "work that goes on")
    return time.monotonic() - began
