"""Messages with keys and numbers from an independent producer, and what became of them in the stores of those who consume."""

import itertools
import pathlib
import threading
import time
import uuid

import confluent_kafka

from driver.program import Program, eventually
from driver.stored import is_made, query

TOPOLOGY = """
services:
  maker:
    producers: [{{to: {topic}, every: {every}, limit: {limit}, text: 'made:{{n}}'}}]
  collector:
    consumers:
      - {{from: {topic}, group: collectors, store: collector.messages, as: {form},
          retry: {{delayed: [1s, 2s, 4s]}}, breaker: {{open: 2s}}}}
streams:
  {topic}: {{via: kafka, partitions: 3, replicas: {replicas}}}
node:
  kafka: {{encryption: none, properties: [session.timeout.ms=10000]}}
"""

READING = """
services:
  reader:
    consumers: [{{from: {topic}, group: readers, store: reader.greetings, as: greeting, unsettled: {unsettled}}}]
streams:
  {topic}: {{via: kafka, partitions: {partitions}, replicas: 1}}
node:
  kafka: {{encryption: none}}
"""

MESSAGE = "json_extract(CAST(body AS TEXT), '$.message')"  # of a document
TOPICS = itertools.count(1)


def make_topic(cluster, name, partitions=3):
    """Makes a topic, and the one of its dead letters."""
    cluster.create_topic(name, partitions)
    cluster.create_topic(name + ".dlq", 1)
    return name


def new_topic(cluster):
    """The same of a topic that no other test knows."""
    return make_topic(cluster, f"orders-{next(TOPICS)}")


def reading(folder, topic, partitions=1, unsettled=10_000):
    """Writes the platform of one service that stores the greetings of a topic, and returns its file."""
    file = pathlib.Path(folder) / "reading.yaml"
    file.write_text(READING.format(topic=topic, partitions=partitions, unsettled=unsettled))
    return str(file)


def topology(folder, topic="orders", every="5ms", limit=2000, replicas=3, form="text"):
    """Writes the platform of a maker and a collector, and returns its file."""
    file = pathlib.Path(folder) / "streaming.yaml"
    file.write_text(TOPOLOGY.format(topic=topic, every=every, limit=limit, replicas=replicas, form=form))
    return str(file)


def service(folder, file, name, kafka, number=1, wait=True):
    """One process of a service, with its data in a folder of its own. It keeps that folder over restarts."""
    program = Program(pathlib.Path(folder) / f"{name}-{number}", file, "--service", name, env={"KAFKA_BROKERS": kafka.bootstrap})
    try:
        return program.wait_until_ready(60) if wait else program.wait_until_listening(60)
    except AssertionError:
        program.kill()
        raise


class Source:
    """Produces messages of several keys in turn, each with its number within its key, and keeps those that were
    acknowledged."""

    def __init__(self, kafka, topic, keys=16, pause=0.002):
        self.topic, self.keys, self.pause = topic, keys, pause
        self.accepted = {}  # id -> (key, number)
        self.failed = self.begun = 0
        self._client = confluent_kafka.Producer(kafka.client_settings(**{
            "enable.idempotence": True, "partitioner": "murmur2_random", "linger.ms": 2, "message.timeout.ms": 300_000,
            "socket.timeout.ms": 10_000}))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self._thread.start()
        return self

    def _run(self):
        while not self._stop.is_set():
            self.send(f"key-{self.begun % self.keys}", self.begun // self.keys)
            self.begun += 1
            time.sleep(self.pause)

    def send(self, key, number, payload=None):
        name = str(uuid.uuid4())

        def on_answer(error, _message):
            if error is None:
                self.accepted[name] = (key, number)
            else:
                self.failed += 1

        self._client.produce(self.topic, key=key, value=payload or f"{key}:{number}", headers=[("message-id", name.encode())],
                             on_delivery=on_answer)
        self._client.poll(0)
        return name

    def finish(self):
        """Stops, and waits until everything was acknowledged."""
        self._halt()
        assert self._client.flush(120) == 0, "messages were not acknowledged"
        assert self.failed == 0
        return self

    def kill(self):
        """Stops, whatever was acknowledged: a source that outlives its test is load for the next one."""
        self._halt()
        self._client.purge()

    def _halt(self):
        self._stop.set()
        if self._thread.ident:
            self._thread.join(10)


class Collected:
    """What is in the stores of the collectors, of those that have made theirs."""

    def __init__(self, *files):
        self.files = files

    def _stores(self):
        return [file for file in self.files if is_made(file)]

    def count(self):
        return sum(query(file, "SELECT count(*) FROM documents")[0][0] for file in self._stores())

    def ids(self):
        return [name for file in self._stores() for (name,) in query(file, "SELECT id FROM documents")]

    def made(self):
        """The numbers of the maker's messages."""
        found = f"SELECT substr({MESSAGE}, 6) FROM documents WHERE {MESSAGE} LIKE 'made:%'"
        return [int(number) for file in self._stores() for (number,) in query(file, found)]

    def numbers(self):
        """For each store, the keys and numbers of the source's messages in the order in which they were stored."""
        found = f"SELECT {MESSAGE} FROM documents WHERE {MESSAGE} LIKE 'key-%' ORDER BY sequence"
        for file in self._stores():
            yield [(key, int(number)) for key, number in (text.split(":") for (text,) in query(file, found))]

    def keys_beyond(self, number):
        """Those of which a later message is stored."""
        return {key for stored in self.numbers() for key, later in stored if later > number}

    def check(self, source, made=0, within=180):
        """Every message that was acknowledged has its effect once, and those of each key in their order."""
        eventually(lambda: self.count() >= len(source.accepted) + made, within, "as many effects as messages were accepted")
        wanted = set(source.accepted)
        eventually(lambda: wanted <= set(self.ids()), within, "the effects of all that was accepted")
        if made:
            eventually(lambda: set(self.made()) == set(range(made)), within, "the effects of all that was made")
        ids = self.ids()
        assert len(ids) == len(set(ids)), f"{len(ids) - len(set(ids))} effects happened twice"
        for stored in self.numbers():
            seen = {}
            for key, number in stored:
                assert seen.get(key, -1) < number, f"{key} went back from {seen[key]} to {number}"
                seen[key] = number


def recovery(source, collected, within=120):
    """How long until messages of every key are stored that are sent from now on, in seconds."""
    began, number = time.monotonic(), source.begun // source.keys
    eventually(lambda: len(collected.keys_beyond(number)) == source.keys, within, "work that goes on")
    return time.monotonic() - began


class Platform:
    """A maker and a collector on a topic of their own, with an independent producer beside the maker, at work."""

    def __init__(self, cluster, folder, ended, replicas, made):
        self.topic, self.made = new_topic(cluster), made
        self.file = topology(folder, self.topic, limit=made, replicas=replicas)
        self.collector = ended(service(folder, self.file, "collector", cluster))
        self.maker = ended(service(folder, self.file, "maker", cluster))
        self.source = ended(Source(cluster, self.topic)).start()
        self.collected = Collected(self.collector.file)
        eventually(lambda: self.collected.count() > 200, 120, "work to disturb")
        for partition in range(3):  # a follower that lags cannot replace its leader
            eventually(lambda partition=partition: len(cluster.in_sync(self.topic, partition)) == replicas, 60, "replicas in sync")

    def recovery(self, within=120):
        return recovery(self.source, self.collected, within)

    def check(self):
        """Nothing is lost, nothing has its effect twice, order is kept per key, and nothing is set aside."""
        self.source.finish()
        self.collected.check(self.source, self.made)
        assert self.maker.process.poll() is None
        assert self.collector.process.poll() is None
        assert self.collector.metric("troupe_kafka_dead_lettered_total") == 0
        assert self.maker.end() == 0
        assert self.collector.end() == 0
