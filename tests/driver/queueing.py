"""What an independent client of AMQP does with queues, and a load from service D to service F with its ledger."""

import contextlib
import json
import pathlib
import time

import pika

from driver.ledger import Ledger
from driver.program import LEDGER, Program, eventually
from driver.stored import query

MADE = LEDGER * 4 // 5  # the rest are greetings
WITHIN = 60 + MADE // 500  # seconds: D makes 1,500 in one, where nothing holds it up

TOPOLOGY = """
services:
  service-d:
    greeter: {{greeting: Shalom, name: Service-D, publish: {queue}}}
    producers: [{{to: {queue}, every: 4ms, batch: 6, in-flight: 100, limit: {limit}, text: 'made:{{n}}'}}]
  service-f:
    consumers:
      - {{from: {queue}, store: service-f.messages, as: text, retry: {{delayed: [1s, 2s, 4s]}}, breaker: {{open: 1s}}}}
queues:
  {queue}:
"""


@contextlib.contextmanager
def channel(url, confirmed=False):
    """A channel of a client that is not ours."""
    connection = pika.BlockingConnection(pika.URLParameters(url))
    try:
        made = connection.channel()
        if confirmed:
            made.confirm_delivery()
        yield made
    finally:
        with contextlib.suppress(pika.exceptions.AMQPError):
            connection.close()


def ready(url, queue):
    """How many messages wait in a queue that is there, with nobody who has them in hand."""
    with channel(url) as made:
        return made.queue_declare(queue, passive=True).method.message_count


def take(url, queue, within=20):
    """The next message of a queue, acknowledged at once: its properties and its body."""
    with channel(url) as made:
        def one():
            method, properties, body = made.basic_get(queue, auto_ack=True)
            return method and (properties, body)
        return eventually(one, within, f"a message in {queue}")


class Load:
    """D and F in processes of their own on a queue of their own: greetings from several clients, and what D makes by itself."""

    def __init__(self, broker, folder, queue, between=None):
        self.broker, self.folder, self.queue = broker, pathlib.Path(folder), queue
        self.url = broker.url()
        self.env = {"RABBITMQ_CONN": broker.url(port=between) if between else self.url}
        self.file = self.folder / "load.yaml"
        self.file.write_text(TOPOLOGY.format(queue=queue, limit=MADE))
        self.collector = self.maker = None
        self.ledger = Ledger(lambda: self.maker.http)
        self.clients = []

    def begin(self):
        self.start_collector()
        self.start_maker()
        self.clients = self.ledger.run(requests=10**9, clients=2)
        self.work_goes_on()
        return self

    def _start(self, service):
        program = Program(self.folder / service, str(self.file), "--service", service, "--grpc", "127.0.0.1:0", env=self.env)
        return program.wait_until_listening(30)

    def start_collector(self):
        self.collector = self._start("service-f")

    def start_maker(self):
        self.maker = self._start("service-d")

    def rows(self):
        return [json.loads(body) for (body,) in query(self.collector.file, "SELECT body FROM documents")]

    def count(self):
        return query(self.collector.file, "SELECT count(*) FROM documents")[0][0]

    def work_goes_on(self, within=60):
        """Returns how long it took until messages were stored that were not before."""
        began, before = time.monotonic(), self.count()
        eventually(lambda: self.count() > before + 100, within, "work that goes on")
        return time.monotonic() - began

    def check(self, within=WITHIN):
        """Everything that was accepted has its effect once, and nothing was set aside."""
        self.stop()
        wanted = self.ledger.accepted["Service-D"]
        made = set(range(MADE))

        def complete():
            rows = self.rows()
            return wanted <= {one["id"] for one in rows} and made <= set(self.made(rows))
        eventually(complete, within, "the effects of all that was accepted and made")
        rows = self.rows()
        ids = [one["id"] for one in rows]
        assert len(ids) == len(set(ids)), f"{len(ids) - len(set(ids))} effects happened twice"
        assert len(wanted) > 0
        assert self.collector.metric("troupe_amqp_dead_lettered_total") == 0
        eventually(lambda: self.collector.metric("troupe_amqp_unsettled") == 0, within, "the last acknowledgements")
        eventually(lambda: ready(self.url, self.queue) == 0, within, "an empty queue")
        assert self.maker.end() == 0
        assert self.collector.end() == 0
        return rows

    @staticmethod
    def made(rows):
        """The numbers of what D made by itself."""
        return [int(one["message"].split(":")[1]) for one in rows if one["message"].startswith("made:")]

    def stop(self):
        self.ledger.stop()
        for thread in self.clients:
            thread.join(30)

    def close(self):
        self.ledger.stop()
        for program in (self.maker, self.collector):
            if program:
                program.kill()


@contextlib.contextmanager
def load(broker, folder, queue, between=None):
    """A load that goes on, and that is gone afterwards."""
    made = Load(broker, folder, queue, between)
    try:
        yield made.begin()
    finally:
        made.close()
