"""Traces of the real program, read back from a real collector over both protocols, and from the process itself."""

import json
import pathlib
import socket
import time
import uuid

import confluent_kafka
import pika
import pytest

from driver.cluster import cluster
from driver.collector import collecting
from driver.kafka import kafka
from driver.ports import free_ports
from driver.program import eventually, run_once, running
from driver.queueing import channel
from driver.rabbitmq import rabbitmq
from driver.streaming import make_topic

PROJECT = pathlib.Path(__file__).parent.parent.parent
REFERENCE = PROJECT / "deploy/topologies/reference-2019.yaml"
BOTH = pytest.mark.parametrize("protocol", ["grpc", "http/protobuf"])
SECRETS = ("hidden-token", "hidden-query", "hidden-cookie", "hidden-key")


def new_trace():
    trace = uuid.uuid4().hex
    return trace, {"traceparent": f"00-{trace}-b7ad6b7169203331-01"}


def is_tree(spans, root="b7ad6b7169203331"):
    """Whether every span stands below another one, or below the caller's."""
    known = {each.id for each in spans} | {root}
    return all(each.parent in known for each in spans)


@BOTH
def test_a_call_is_a_tree_of_spans_that_say_what_was_done_and_no_secret(tmp_path, protocol):
    trace, headers = new_trace()
    headers |= {"authorization": "Bearer hidden-token", "cookie": "session=hidden-cookie"}
    with collecting(protocol) as collector:
        env = {**collector.env, "OTEL_EXPORTER_OTLP_HEADERS": "api-key=hidden-key", "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
               "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=a%20test", "SERVICE_B_OTEL_SERVICE_NAME": "greeter-b"}
        with running(tmp_path, env=env) as program:
            assert program.get("/api/v1/greeting?password=hidden-query", headers=headers).status == 200
            spans = collector.wait_for(trace, lambda all: sum(each.name.startswith("insert ") for each in all) >= 4,
                                       awaited="every store's span")
            eventually(lambda: program.metric("troupe_spans_exported_total") >= len(spans), awaited="their count")
            assert program.metric("troupe_spans_dropped_total") == 0
            assert any("uncompressed" in line for line in program.lines) == (protocol != "grpc")
            assert not any(secret in line for line in program.lines for secret in SECRETS)
        spans = collector.trace(trace)
        assert is_tree(spans), spans
        names = {each.name for each in spans}
        assert {"GET /api/v1/greeting", "greet service-a", "greet service-h", "receive service-d", "send service-d"} <= names, names
        [edge] = [each for each in spans if each.kind == "server"]
        assert edge.parent == "b7ad6b7169203331"
        assert edge.attributes == {"http.request.method": "GET", "http.route": "/api/v1/greeting", "url.path": "/api/v1/greeting",
                                   "url.scheme": "http", "network.protocol.version": "1.1", "http.response.status_code": 200}
        [sent] = [each for each in spans if each.name == "send service-d"]
        [received] = [each for each in spans if each.name == "receive service-d"]
        assert sent.kind == "producer" and received.kind == "consumer" and received.parent == sent.id
        [write] = [each for each in spans if each.attributes.get("db.namespace") == "service-f"]
        assert write.kind == "client" and write.attributes["db.system.name"] == "sqlite"
        assert write.attributes["db.operation.name"] == "insert" and write.attributes["db.operation.batch.size"] == 1
        assert not any(each.failed for each in spans), spans
        assert {"service-a", "greeter-b", "service-f"} <= {each.service for each in spans}
        assert all(each.resource["deployment.environment.name"] == "a test" for each in spans)
        assert all(each.ended >= each.began > time.time_ns() - 60_000_000_000 for each in spans)
        assert not any(secret in each.text for each in collector.spans for secret in SECRETS)
        assert not any(greeting in each.text for each in spans for greeting in ("Bonjour", "Shalom")), "a payload"
        assert all(each["api-key"] == "hidden-key" for each in collector.headers)


@BOTH
def test_one_call_through_seven_services_is_one_trace_over_every_component(tmp_path, protocol):
    trace, headers = new_trace()
    with collecting(protocol) as collector, cluster(tmp_path, env=collector.env) as platform:
        platform.wait_until_complete()
        assert platform.greet(headers=headers).status == 200
        services = {f"service-{letter}" for letter in "abcdefgh"}
        spans = collector.wait_for(trace, lambda all: len(all) >= 25 and services <= {each.service for each in all} and any(
            each.attributes.get("db.namespace") == "service-f" for each in all) and is_tree(all),
            awaited="25 spans of every service, down to F's document")
        components = {each.service for each in spans}
        components |= {each.attributes["db.system.name"] for each in spans if "db.system.name" in each.attributes}
        components |= {each.attributes["messaging.destination.name"] for each in spans if "messaging.system" in each.attributes}
        components |= {each.attributes["rpc.system"] for each in spans if "rpc.system" in each.attributes}
        assert len(components) >= 10, components
        served = [each for each in spans if each.kind == "server" and each.attributes.get("rpc.system") == "grpc"]
        assert {each.service for each in served} >= services - {"service-f"}
        assert all(each.attributes["rpc.grpc.status_code"] == 0 and each.attributes["rpc.method"] == "Greeting" for each in served)


def test_a_trace_that_the_sampler_leaves_out_is_in_no_process(tmp_path):
    with collecting() as collector:
        env = {**collector.env, "OTEL_TRACES_SAMPLER": "parentbased_always_off"}
        with running(tmp_path, env=env) as program:
            assert program.get("/api/v1/greeting").status == 200
            trace, headers = new_trace()
            assert program.get("/api/v1/greeting", headers=headers).status == 200
            collector.wait_for(trace, lambda all: len(all) >= 9)
        assert {each.trace for each in collector.spans} == {trace}


@BOTH
def test_a_collector_that_is_away_costs_counted_spans_and_no_time(tmp_path, protocol):
    [port] = free_ports(1)
    env = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}", "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
           "OTEL_BSP_SCHEDULE_DELAY": "50"}
    with running(tmp_path, env=env) as program:
        assert program.get("/api/v1/greeting").status == 200
        eventually(lambda: program.metric("troupe_spans_dropped_total", reason="not_taken") >= 9, awaited="dropped spans")
        assert sum("spans cannot be exported" in line for line in program.lines) == 1
        with collecting(protocol, port) as collector:  # it is back
            def arrives():
                program.get("/api/v1/greeting")
                return collector.spans
            eventually(arrives, awaited="a span after the collector is back")
        began = time.monotonic()
        assert program.end() == 0
        assert time.monotonic() - began < 10
        assert not program.errors, program.errors


def test_a_collector_that_hangs_does_not_hold_up_the_end(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and never answers
        env = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{silent.getsockname()[1]}", "OTEL_BSP_SCHEDULE_DELAY": "50",
               "OTEL_EXPORTER_OTLP_TIMEOUT": "60000"}
        with running(tmp_path, env=env) as program:
            assert program.get("/api/v1/greeting").status == 200
            silent.accept()
            began = time.monotonic()
            assert program.end() == 0
            assert time.monotonic() - began < 15


def test_without_a_collector_the_last_traces_are_asked_at_the_administration(tmp_path):
    with running(tmp_path) as program:
        assert program.get("/api/v1/greeting?password=hidden-query", headers={"authorization": "Bearer hidden-token"}).status == 200

        def found():
            for each in program.ask_admin("/traces").json()["traces"]:
                if each["name"] == "GET /api/v1/greeting":
                    spans = program.ask_admin(f"/traces/{each['id']}").json()["spans"]
                    if any(one["attributes"].get("db.namespace") == "service-f" for one in spans):
                        return spans
            return None
        spans = eventually(found, awaited="the trace down to F's document")
        ids = {each["id"] for each in spans}
        [root] = [each for each in spans if "parent" not in each]
        assert root["name"] == "GET /api/v1/greeting" and root["attributes"]["http.response.status_code"] == 200
        assert all(each["parent"] in ids for each in spans if each is not root)
        assert not any(secret in json.dumps(spans) for secret in SECRETS)
        trace, headers = new_trace()  # another's trace passes unchanged, and is not kept
        program.get("/api/v1/greeting", headers=headers)
        assert program.ask_admin(f"/traces/{trace}").status == 404
        assert program.ask_admin("/traces/no-id").status == 404
    with running(tmp_path / "off", env={"OTEL_SDK_DISABLED": "true"}) as program:
        program.get("/api/v1/greeting")
        assert program.ask_admin("/traces").json() == {"traces": []}


def test_check_says_where_traces_go_and_shows_no_header():
    env = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
           "OTEL_EXPORTER_OTLP_HEADERS": "api-key=hidden-key"}
    checked = run_once("check", "--data", "/tmp/nobody", env=env)
    assert checked.returncode == 0 and "traces to http://collector:4317" in checked.stdout
    assert "hidden-key" not in checked.stdout + checked.stderr


def test_a_dead_letter_and_its_redrive_stand_in_the_trace_of_the_message(tmp_path):
    trace, headers = new_trace()
    queue = f"queue-{uuid.uuid4()}"
    text = REFERENCE.read_text().replace("publish: service-d", f"publish: {queue}").replace("from: service-d", f"from: {queue}")
    file = tmp_path / "platform.yaml"
    file.write_text(text.replace("queues:\n  service-d:", f"queues:\n  {queue}: {{}}"))
    with rabbitmq(tmp_path / "rabbitmq") as broker, collecting() as collector:
        env = {"RABBITMQ_CONN": broker.url(), **collector.env}
        with running(tmp_path / "f", str(file), "--service", "service-f", env=env) as f:
            eventually(lambda: f.metric("troupe_amqp_sessions_total") == 1, awaited="a queue that is consumed")
            with channel(broker.url()) as to:
                to.basic_publish("", queue, b"no greeting: hidden-token", pika.BasicProperties(headers=headers, message_id="letter-1"))
            eventually(lambda: f.ask_admin("/dead-letters").json()["dead_letters"], awaited="the dead letter")
            again = run_once("dead-letters", "redrive", "--source", queue, "--admin", f.admin)
            assert again.stdout == "redriven: 1\n", again.stderr
            spans = collector.wait_for(trace, lambda all: sum(each.name == f"dead letter {queue}" for each in all) == 2,
                                       awaited="a second dead letter")
        spans = collector.trace(trace)
        assert is_tree(spans), spans
        received = [each for each in spans if each.name == f"receive {queue}"]
        assert len(received) == 2 and all(each.failed and each.attributes["error.type"] == "undecodable" for each in received)
        assert sum(each.name == f"redrive {queue}" for each in spans) == 1
        assert all(each.attributes["messaging.system"] == "rabbitmq" for each in spans if "messaging.system" in each.attributes)
        assert {each.attributes["messaging.message.id"] for each in received} == {"letter-1"}
        assert not any("hidden-token" in each.text for each in spans)


UNREADABLE = """services:
  talker: {producers: [{to: q, limit: 1, every: 1ms, text: hidden-token}]}
  reader: {consumers: [{from: q, store: reader.messages}]}
queues: {q: }
"""


def test_a_dead_letter_names_its_trace_in_which_its_redrive_stands_too_without_any_server(tmp_path):
    file = tmp_path / "unreadable.yaml"
    file.write_text(UNREADABLE)
    with running(tmp_path / "data", str(file)) as program:
        [letter] = eventually(lambda: program.ask_admin("/dead-letters").json()["dead_letters"], awaited="the dead letter")
        again = run_once("dead-letters", "redrive", "--source", "q", "--admin", program.admin)
        assert again.stdout == "redriven: 1\n", again.stderr

        def spans():
            found = program.ask_admin(f"/traces/{letter['trace']}").json()["spans"]
            return sum(each["name"] == "dead letter q" for each in found) == 2 and found

        found = eventually(spans, awaited="a second dead letter")
        [root] = [each for each in found if "parent" not in each]
        assert all(each["parent"] in {other["id"] for other in found} for each in found if each is not root)
        names = [each["name"] for each in found]
        assert names.count("redrive q") == 1 and names.count("receive q") == 2, names
        assert all(each["error"] == "undecodable" and each["reason"] for each in found if each["name"] == "receive q")
        assert {each["attributes"]["messaging.message.id"] for each in found if "q" in each["name"].split()} == {letter["id"]}
        [listed] = [each for each in program.ask_admin("/traces").json()["traces"] if each["id"] == letter["trace"]]
        assert listed["error"] == "undecodable"
        assert "hidden-token" not in json.dumps(found)


RETRIED = """services:
  reader:
    consumers: [{from: texts, group: readers, store: reader.messages, as: text, retry: {attempts: 1, first: 10ms, delayed: [100ms, 200ms]}, breaker: {failures: 100}}]
streams:
  texts: {via: kafka, partitions: 1, replicas: 1}
node:
  kafka: {encryption: none}
"""


def test_retries_a_dead_letter_and_a_redrive_on_kafka_stand_in_the_trace_of_the_message(tmp_path):
    trace, headers = new_trace()
    file = tmp_path / "retried.yaml"
    file.write_text(RETRIED)
    with kafka(tmp_path / "kafka") as broker, collecting() as collector:
        make_topic(broker, "texts")
        with running(tmp_path / "reader", str(file), env={"KAFKA_BROKERS": broker.bootstrap, **collector.env}) as reader:
            fault = {"kind": "fail_store", "target": "store", "seconds": 300}
            begun = reader.ask_admin("/faults", method="POST", body=json.dumps(fault).encode(), headers={"Content-Type": "application/json"})
            assert begun.status == 201, begun.text()
            producer = confluent_kafka.Producer(broker.client_settings())
            producer.produce("texts", b"hidden-token", headers=[*headers.items(), ("message-id", b"text-1")])
            assert producer.flush(30) == 0
            eventually(lambda: reader.ask_admin("/dead-letters").json()["dead_letters"], awaited="the dead letter")
            assert reader.ask_admin(f"/faults/{begun.json()['number']}", method="DELETE").status == 204
            again = run_once("dead-letters", "redrive", "--source", "texts", "--admin", reader.admin)
            assert again.stdout == "redriven: 1\n", again.stderr
            collector.wait_for(trace, lambda all: any(each.name.startswith("insert") and not each.failed for each in all) and is_tree(all)
                               and any(each.name == "redrive texts" for each in all), awaited="the document")
        spans = sorted(collector.trace(trace), key=lambda each: each.began)
        assert is_tree(spans), spans
        received = [each for each in spans if each.name == "receive texts"]
        assert [each.failed for each in received] == [True, True, True, False], received
        assert [each.attributes["troupe.delivery.attempts"] for each in received] == [0, 1, 2, 0]
        attempts = [each for each in spans if each.name.startswith("handle ")]
        assert [each.attributes["troupe.attempt"] for each in attempts] == [1, 2] * 3 + [1], "in place, for each delivery"
        waits = [each for each in spans if each.name == "delayed retry"]
        assert len(waits) == 2 and all(each.ended - each.began >= delay * 1_000_000 for each, delay in zip(waits, (80, 160)))
        assert [each.name for each in spans if each.kind == "producer"] == ["dead letter texts", "redrive texts"]
        assert all(each.attributes["messaging.system"] == "kafka" and each.attributes["messaging.kafka.offset"] >= 0 for each in received)
        assert {each.attributes["messaging.message.id"] for each in received} == {"text-1"}
        assert not any("hidden-token" in each.text for each in spans)
