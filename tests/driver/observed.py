"""The program in all its forms, under load, with real servers behind it and a real Prometheus that scrapes all of them."""

import concurrent.futures
import contextlib
import pathlib
import threading
import urllib.error

from driver.collector import collecting
from driver.kafka import Kafka
from driver.mongodb import MongoDB
from driver.ports import free_ports
from driver.program import Program, eventually, run_once
from driver.prometheus import Prometheus
from driver.rabbitmq import RabbitMQ

PROJECT = pathlib.Path(__file__).parent.parent.parent
OBSERVABILITY = PROJECT / "deploy/observability"
RULES = sorted((OBSERVABILITY / "prometheus/rules").glob("*.yml"))

# Beside the reference platform: a stream of text that a consumer reads as greetings, and so sets aside.
UNREADABLE = """
services:
  scribbler:
    producers: [{to: scribbles, every: 500ms, text: 'no greeting {n}'}]
  reader:
    consumers: [{from: scribbles, group: readers, store: reader.greetings, as: greeting}]
streams:
  scribbles: {partitions: 1}
"""

# The same at brokers, beside messages that are read. All documents go to MongoDB.
BROKERS = """
services:
  maker:
    producers:
      - {to: texts, every: 50ms, text: 'made {n}'}
      - {to: jobs, every: 50ms, text: 'made {n}'}
      - {to: notes, every: 50ms, text: 'made {n}'}
      - {to: scribbles, every: 500ms, text: 'no greeting {n}'}
      - {to: scrawls, every: 500ms, text: 'no greeting {n}'}
  collector:
    consumers:
      - {from: texts, group: collectors, store: collector.messages, as: text, breaker: {open: 1s}}
      - {from: jobs, store: collector.messages, as: text, breaker: {open: 1s}}
      - {from: notes, group: collectors, store: collector.messages, as: text, breaker: {open: 1s}}
      - {from: scribbles, group: readers, store: collector.greetings, as: greeting}
      - {from: scrawls, store: collector.greetings, as: greeting}
streams:
  texts: {via: kafka, partitions: 2, replicas: 1}
  scribbles: {via: kafka, partitions: 1, replicas: 1}
  notes: {via: embedded, partitions: 1}
queues:
  jobs: {via: amqp}
  scrawls: {via: amqp}
node:
  kafka: {encryption: none}
  store: mongodb
"""

# A caller, a callee that answers over gRPC, and one that is called over HTTP and away.
CALLS = """
services:
  front: {greeter: {greeting: Front, calls: [back, away]}}
  back: {greeter: {greeting: Back}}
  away: {greeter: {greeting: Away}}
"""


class Observed:
    """`programs` by their names, and `prometheus`, which has scraped all of them when `start` returns."""

    def __init__(self, folder, tracing):
        self.folder = pathlib.Path(folder)
        self.tracing = tracing  # the variables of an exporter of traces
        self.kafka = Kafka(self.folder / "kafka", jmx=OBSERVABILITY / "kafka/jmx-exporter.yml")
        self.rabbitmq = RabbitMQ(self.folder / "rabbitmq", shows_metrics=True)
        self.mongodb = MongoDB(self.folder / "mongodb")
        self.programs, self.prometheus = {}, None
        self._stop = threading.Event()
        self._clients = []

    def start(self):
        with concurrent.futures.ThreadPoolExecutor() as pool:
            brokers = [pool.submit(each.start) for each in (self.kafka, self.rabbitmq)]
            self.mongodb.start()  # which ends with the thread that starts it
            for started in brokers:
                started.result()
        self._start_programs()
        for name in ("all-in-one", "front"):
            self._clients.append(threading.Thread(target=self._load, args=(self.programs[name],), daemon=True))
            self._clients[-1].start()
        self.prometheus = Prometheus(self.folder / "prometheus", self._jobs(), RULES).start()
        eventually(lambda: self.prometheus.query("up") and not self.prometheus.targets_down(), 60, "a scrape of every target")
        return self

    def close(self):
        self._stop.set()
        for client in self._clients:
            client.join(30)
        for each in [self.prometheus, self.kafka, self.rabbitmq, self.mongodb]:
            if each:
                each.close()
        for program in self.programs.values():
            program.kill()

    def _start_programs(self):
        topologies = PROJECT / "deploy/topologies"
        self._start("all-in-one", str(topologies / "reference-2019.yaml"), str(topologies / "kafka-demo.yaml"),
                    self._file("unreadable", UNREADABLE), env=self.tracing)
        servers = {"KAFKA_BROKERS": self.kafka.bootstrap, "RABBITMQ_CONN": self.rabbitmq.url(), "MONGO_CONN": self.mongodb.uri()}
        brokers = self._file("brokers", BROKERS)
        made = run_once("topics", "apply", brokers, env=servers, timeout=60)
        assert made.returncode == 0, made.stdout + made.stderr
        self._start("brokers", brokers, env=servers)
        calls, (back, front, away) = self._file("calls", CALLS), [f"127.0.0.1:{port}" for port in free_ports(3)]
        self._start("back", calls, "--service", "back", "--grpc", back)
        self._start("front", calls, "--service", "front", "--grpc", front, env={"BACK_URL": back, "AWAY_URL": f"http://{away}"})
        for program in self.programs.values():
            program.wait_until_ready(60)

    def _start(self, name, *arguments, env=None):
        self.programs[name] = Program(self.folder / name, *arguments, env=env)

    def _file(self, name, text):
        file = self.folder / f"{name}.yaml"
        file.write_text(text)
        return str(file)

    def _load(self, program):
        while not self._stop.wait(0.02):
            with contextlib.suppress(urllib.error.URLError, OSError):  # a program that ends is seen by its target
                program.get("/api/v1/greeting")
                program.get("/api/greeting")

    def _jobs(self):
        programs = [{"targets": [program.http], "labels": {"program": name}} for name, program in self.programs.items()]
        return [{"job_name": "troupe", "static_configs": programs},
                {"job_name": "kafka-jmx", "static_configs": [{"targets": self.kafka.metrics}]},
                {"job_name": "rabbitmq-queues", "metrics_path": "/metrics/detailed",
                 "params": {"family": ["queue_coarse_metrics"]}, "static_configs": [{"targets": [self.rabbitmq.metrics]}]}]


@contextlib.contextmanager
def observed(folder):
    """All of it at work, and gone afterwards."""
    with collecting() as collector:
        sampled = {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.05"}
        made = Observed(folder, {**collector.env, **sampled})
        try:
            yield made.start()
        finally:
            made.close()
