"""Service D to service F over a real RabbitMQ, with other clients in place of either; and the reports when the
broker refuses."""

import contextlib
import json
import pathlib
import signal
import subprocess
import uuid

import pika
import pytest

from driver.ports import free_ports
from driver.program import PROGRAM, Program, clean_environment, eventually, run_once
from driver.queueing import channel, ready, take
from driver.rabbitmq import rabbitmq
from driver.stored import documents

PROJECT = pathlib.Path(__file__).parent.parent.parent
REFERENCE = PROJECT / "deploy/topologies/reference-2019.yaml"
TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACE_HEADERS = {"x-b3-traceid": TRACE, "x-b3-spanid": "b7ad6b7169203331", "x-b3-sampled": "1", "x-request-id": "my-request"}


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with rabbitmq(tmp_path_factory.mktemp("rabbitmq"), tls=True) as made:
        yield made


@pytest.fixture
def queue():
    return f"queue-{uuid.uuid4()}"


@pytest.fixture
def platform(tmp_path, queue):
    """Writes the platform of 2019 with a queue of the test's own, with these properties, and returns the file."""
    def write(properties="{}", node="", consumer=""):
        text = REFERENCE.read_text().replace("publish: service-d", f"publish: {queue}")
        text = text.replace("from: service-d", f"from: {queue}{consumer}")
        text = text.replace("queues:\n  service-d:", f"queues:\n  {queue}: {properties}")
        file = tmp_path / "platform.yaml"
        file.write_text(text.replace("\nnode:\n", "\nnode:\n" + node))
        return str(file)
    return write


@pytest.fixture
def started(tmp_path, broker):
    """Starts a service in a process of its own."""
    with contextlib.ExitStack() as programs:
        def start(service, *arguments, **env):
            program = Program(tmp_path / service, *arguments, "--service", service, "--grpc", "127.0.0.1:0", env={"RABBITMQ_CONN": broker.url(), **env})
            programs.callback(program.kill)
            return program.wait_until_listening()
        yield start


def greet(service, **headers):
    """A complete answer's one greeting."""
    answer = service.get("/api/greeting", headers=headers)
    assert answer.status == 200 and "troupe-missing" not in answer.headers, (answer.headers, service.get("/readyz").text())
    return answer.json()[0]


def stored(service):
    return documents(service.file, "service-f", "messages")


def reads_again(service, publisher):
    """Whether what the publisher accepts reaches the store."""
    one = greet(publisher)
    return eventually(lambda: stored(service).get(one["id"]), 30, "the effect of a greeting")


def shown_by(service, *words, within=30):
    def is_shown():
        text = service.get("/readyz").text()
        return all(word in text for word in words)
    eventually(is_shown, within, f"{words} in the readiness of {service.data.name}")


# The path of a greeting


def test_d_publishes_to_its_queue_and_f_stores_what_it_reads_there(broker, started):
    d, f = started("service-d"), started("service-f")
    one = greet(d)
    kept = eventually(lambda: stored(f).get(one["id"]), awaited="D's greeting in F")
    assert (kept["servicename"], kept["message"]) == ("Service-D", "Shalom, from Service-D!")
    consumers = [line.split("\t") for line in broker.ctl("list_consumers", "queue_name", "consumer_tag").splitlines()]
    assert ["service-d", "service-f"] in consumers
    broker.ctl("delete_queue", "service-d")


def test_the_platform_of_2021_has_a_queue_of_its_own_name(started, broker):
    file = str(PROJECT / "deploy/topologies/reference-2021.yaml")
    d, f = started("service-d", file), started("service-f", file)
    assert reads_again(f, d)["message"] == "Shalom (שָׁלוֹם), from Service D!"
    assert ready(broker.url(), "service-d.greeting") == 0


def test_queue_name_and_a_service_s_own_broker_are_variables(started, broker, queue):
    d = started("service-d", QUEUE_NAME=queue)
    one = greet(d)
    assert json.loads(take(broker.url(), queue)[1])["id"] == one["id"]
    checked = run_once("check", env={"SERVICE_D_RABBITMQ_CONN": broker.url(), "SERVICE_F_RABBITMQ_CONN": "file:/none"})
    assert checked.returncode == 2
    assert checked.stderr.startswith("environment: SERVICE_F_RABBITMQ_CONN: this is not the URL of a broker: ")
    assert "it begins with neither amqp:// nor amqps://" in checked.stderr


def test_a_message_is_the_reference_s_with_its_trace(started, broker, queue):
    d = started("service-d", QUEUE_NAME=queue)
    one = greet(d, **TRACE_HEADERS)
    properties, body = take(broker.url(), queue)
    assert properties.content_type == "application/json"
    assert properties.message_id == one["id"]
    assert properties.delivery_mode == 2
    assert json.loads(body) == one
    assert properties.headers["x-b3-traceid"] == TRACE
    assert properties.headers["x-request-id"] == "my-request"
    assert properties.headers["traceparent"].split("-")[1] == TRACE


def test_f_takes_what_a_producer_of_the_reference_platform_publishes(started, broker, platform, queue):
    f = started("service-f", platform("{compatibility: reference}"))
    one = {"id": str(uuid.uuid4()), "service": "Service-D", "message": "Shalom", "created": "2019-04-16T02:23:16.546749266Z"}
    with channel(broker.url()) as made:
        made.queue_declare(queue, durable=False)
        made.basic_publish("", queue, json.dumps(one).encode(), pika.BasicProperties(content_type="application/json"))
    eventually(lambda: one["id"] in stored(f), awaited="the effect of the message")


def test_a_consumer_of_the_reference_platform_takes_what_d_publishes(started, broker, platform, queue):
    d = started("service-d", platform("{compatibility: reference}"))
    d.wait_until_ready()
    with channel(broker.url()) as made:
        made.queue_declare(queue, durable=False)
        took = []
        made.basic_consume(queue, lambda *one: took.append(json.loads(one[3])["id"]), auto_ack=True, consumer_tag="service-f")
        ids = [greet(d)["id"] for _ in range(20)]
        eventually(lambda: made.connection.process_data_events(0.05) or len(took) == 20, awaited="twenty messages")
    assert took == ids


def test_what_is_no_greeting_is_set_aside_with_its_bytes_and_sent_back(started, broker, platform, queue):
    f = started("service-f", platform())
    eventually(lambda: f.metric("troupe_amqp_sessions_total") == 1, awaited="a queue that is consumed")
    with channel(broker.url(), confirmed=True) as made:
        made.basic_publish("", queue, b"poison", pika.BasicProperties(message_id="bad"))
    eventually(lambda: f.metric("troupe_amqp_dead_lettered_total") == 1, awaited="a dead letter")
    letters = f.ask_admin("/dead-letters").json()["dead_letters"]
    assert [(one["source"], one["id"], one["payload"]) for one in letters] == [(queue, "bad", "poison")]
    again = run_once("dead-letters", "redrive", "--source", queue, "--admin", f.admin)
    assert again.stdout == "redriven: 1\n"
    assert again.returncode == 0, again.stderr
    eventually(lambda: f.metric("troupe_amqp_dead_lettered_total") == 2, awaited="the second time aside")
    assert ready(broker.url(), queue + ".dlq") == 1
    slowly = run_once("dead-letters", "redrive", "--rate", "1000", "--admin", f.admin)
    assert slowly.stdout == "redriven: 1\n", slowly.stderr
    eventually(lambda: f.metric("troupe_amqp_dead_lettered_total") == 3, awaited="the third time aside")


def test_a_redrive_that_is_killed_midway_loses_nothing(broker, platform, queue, tmp_path):
    file, ids = platform(), {f"letter-{number}" for number in range(40)}
    env = {"RABBITMQ_CONN": broker.url()}
    assert run_once("topics", "apply", file, env=env).returncode == 0
    with channel(broker.url(), confirmed=True) as made:
        for each in sorted(ids):
            made.basic_publish("", queue + ".dlq", b"{}", pika.BasicProperties(message_id=each))
    command = ["dead-letters", "redrive", "--topology", file, "--data", str(tmp_path / "nobody")]
    redrive = subprocess.Popen([PROGRAM, *command, "--rate", "10"], env=clean_environment(env), stdout=subprocess.DEVNULL)
    eventually(lambda: ready(broker.url(), queue) >= 5, 30, "some that were sent back")
    redrive.kill()
    redrive.wait()
    assert ready(broker.url(), queue) < len(ids)

    def none_is_left():
        """The broker gives back what the killed one had in hand when it notices."""
        again = run_once(*command, env=env)
        assert again.returncode == 0, again.stderr
        return ready(broker.url(), queue + ".dlq") == 0

    eventually(none_is_left, 30, "an empty queue of dead letters")
    back = [take(broker.url(), queue)[0].message_id for _ in range(ready(broker.url(), queue))]
    assert set(back) == ids


# What it reports when it fails, and that it goes on without a restart


def test_a_wrong_password_is_reported_and_the_right_one_taken_up_from_its_file(started, broker, tmp_path, queue):
    file = tmp_path / "url"
    file.write_text(broker.url(password="a wrong one"))
    extra = tmp_path / "extra.yaml"
    extra.write_text(f"node: {{queues: amqp, amqp: {{url: 'file:{file}'}}}}\n")
    both = (str(REFERENCE_WITHOUT_NODE(tmp_path)), str(extra))
    d = started("service-d", *both, RABBITMQ_CONN="", QUEUE_NAME=queue)
    shown_by(d, "unauthenticated", "403")
    assert d.get("/livez").status == 200
    assert "troupe-missing" in d.get("/api/greeting").headers
    file.write_text(broker.url())
    eventually(lambda: "unauthenticated" not in d.get("/readyz").text(), 30, "a connection with the right password")
    greet(d)
    assert any("403" in line and "publish-" in line for line in d.lines)
    assert "a wrong one" not in "".join(d.lines) + "".join(d.errors)


def REFERENCE_WITHOUT_NODE(folder):  # noqa: N802: another file says what belongs to the process
    file = folder / "services.yaml"
    file.write_text(REFERENCE.read_text().split("\n# Each service may run")[0])
    return file


def test_a_virtual_host_that_is_not_there_is_reported_and_taken_up_when_it_is_made(started, broker, queue):
    d = started("service-d", RABBITMQ_CONN=broker.url(vhost="later"), QUEUE_NAME=queue)
    shown_by(d, "later")
    broker.ctl("add_vhost", "later")
    broker.ctl("set_permissions", "-p", "later", "admin", ".*", ".*", ".*")
    eventually(lambda: "troupe-missing" not in d.get("/api/greeting").headers, 30, "a complete answer")
    broker.ctl("delete_vhost", "later")


def test_a_missing_right_is_reported_and_works_again(started, broker, queue):
    d = started("service-d", RABBITMQ_CONN=broker.url("nobody"), QUEUE_NAME=queue)
    broker.ctl("set_permissions", "nobody", "^$", "^$", "^$")
    shown_by(d, "forbidden")
    broker.ctl("set_permissions", "nobody", ".*", ".*", ".*")
    eventually(lambda: "troupe-missing" not in d.get("/api/greeting").headers, 30, "a complete answer")
    broker.ctl("clear_permissions", "nobody")


def test_a_queue_with_other_properties_is_reported_with_both_and_left_as_it_is(started, broker, platform, queue):
    with channel(broker.url()) as made:
        made.queue_declare(queue, durable=False)
    d = started("service-d", platform())
    shown_by(d, "inequivalent arg", "x-queue-type=quorum")
    with channel(broker.url()) as made:
        made.queue_declare(queue, durable=False)  # still so
        made.queue_delete(queue)
    eventually(lambda: "troupe-missing" not in d.get("/api/greeting").headers, 30, "a complete answer")


def test_an_alarm_of_the_broker_holds_publishing_back_and_loses_nothing(started, broker, queue):
    d, f = started("service-d", QUEUE_NAME=queue), started("service-f", QUEUE_NAME=queue)
    reads_again(f, d)
    broker.ctl("set_disk_free_limit", "1000000GB")
    try:
        assert "troupe-missing" in d.get("/api/greeting").headers
        shown_by(d, "low on disk")
    finally:
        broker.ctl("set_disk_free_limit", "1MB")
    eventually(lambda: "troupe-missing" not in d.get("/api/greeting").headers, 30, "a complete answer")
    reads_again(f, d)


# TLS


def tls_environment(broker, **more):
    return {"RABBITMQ_CONN": broker.url(tls=True).replace("127.0.0.1", "localhost"),
            "RABBITMQ_AUTHORITIES": str(broker.security.ca.certificate), **more}


def test_amqps_is_verified(started, broker, queue):
    d, f = (started(name, **tls_environment(broker, QUEUE_NAME=queue)) for name in ("service-d", "service-f"))
    reads_again(f, d)
    authorities = d.data.parent / "authorities.pem"
    authorities.write_bytes(broker.security.other_ca.certificate.read_bytes())
    stranger = Program(d.data.parent / "stranger", "--service", "service-d", "--grpc", "127.0.0.1:0", env=tls_environment(
        broker, QUEUE_NAME=queue, RABBITMQ_AUTHORITIES=str(authorities)))
    try:
        shown_by(stranger.wait_until_listening(), "untrusted")
        authorities.write_bytes(broker.security.ca.certificate.read_bytes())
        eventually(lambda: "troupe-missing" not in stranger.get("/api/greeting").headers, 30, "a complete answer")
    finally:
        stranger.kill()


def test_an_expired_certificate_is_reported_and_a_new_one_taken(started, broker, queue):
    broker.restart("expired")
    try:
        d, f = (started(name, **tls_environment(broker, QUEUE_NAME=queue)) for name in ("service-d", "service-f"))
        shown_by(d, "untrusted", "expired")
    finally:
        broker.restart("valid")
    eventually(lambda: "troupe-missing" not in d.get("/api/greeting").headers, 60, "a complete answer")
    reads_again(f, d)


def test_external_is_a_login_without_a_password(started, broker, platform, queue):
    own = broker.security.client
    node = f"  amqp: {{mechanism: EXTERNAL, tls: {{authorities: {broker.security.ca.certificate}, certificate: {own}, key: {own}}}}}\n"
    file = platform(node=node)
    url = f"amqps://localhost:{broker.tls_port}"
    d, f = (started(name, file, RABBITMQ_CONN=url) for name in ("service-d", "service-f"))
    reads_again(f, d)
    assert "troupe-by-certificate" in broker.ctl("list_connections", "user")


# The commands


def test_check_shows_the_broker_without_its_password(broker):
    env = {"RABBITMQ_CONN": broker.url(vhost=broker.vhost)}
    checked = run_once("check", env=env)
    assert checked.returncode == 0, checked.stderr
    line = f"  amqp      queues service-d at amqp://admin:***@127.0.0.1:{broker.port}/other%2Fplace"
    assert line in checked.stdout
    assert "env:RABBITMQ_CONN" in checked.stdout
    assert broker.users["admin"] not in checked.stdout


def test_topics_apply_declares_queues_exchanges_and_bindings_once(started, broker, platform, queue):
    file = platform(f"{{exchange: x-{queue}, exchange-type: topic, routing-key: 'greeting.#', declared-by: operators}}")
    env = {"RABBITMQ_CONN": broker.url()}
    rehearsed = run_once("topics", "apply", file, "--dry-run", env=env)
    assert rehearsed.returncode == 0, rehearsed.stderr
    for words in (f"would create the queue {queue} (durable=true, x-queue-type=quorum",
                  f"would create the queue {queue}.dlq", f"would create the queue {queue}.retry.5000",
                  f"would create the exchange x-{queue} (durable=true, type=topic)",
                  f"would bind the queue {queue} to the exchange x-{queue} with the routing key 'greeting.#'"):
        assert words in rehearsed.stdout
    done = run_once("topics", "apply", file, env=env)
    assert done.returncode == 0 and done.stdout == rehearsed.stdout.replace("would ", "")
    again = run_once("topics", "apply", file, env=env)
    assert again.returncode == 0 and again.stdout == "nothing to do\n"
    d, f = started("service-d", file), started("service-f", file)
    reads_again(f, d)
    other = run_once("topics", "apply", platform("{compatibility: reference}"), env=env)
    assert other.returncode == 0 and f"differs: the queue {queue} exists with other properties" in other.stdout


def test_the_reference_platform_runs_as_separate_processes_with_d_and_f_apart(broker, tmp_path):
    port = free_ports(1)[0]
    env = clean_environment({"TROUPE_PROGRAM": PROGRAM, "RABBITMQ_CONN": broker.url()})
    with subprocess.Popen([PROJECT / "deploy/run-local-cluster", "--port", str(port), "--data", tmp_path], env=env,
                          stdout=subprocess.PIPE, text=True) as script:
        try:
            lines = []
            for line in script.stdout:
                lines.append(line)
                if "Ctrl-C" in line:
                    break
            assert {"service-d", "service-f"} <= {line.split()[0] for line in lines}, lines
            answer = subprocess.run(["curl", "-s", f"http://127.0.0.1:{port}/api/v1/greeting"], capture_output=True, text=True,
                                    check=True).stdout
            one = next(one for one in json.loads(answer)["greeting"] if one["service"] == "Service-D")
            file = tmp_path / "service-f" / "troupe.sqlite"
            eventually(lambda: one["id"] in documents(file, "service-f", "messages"), awaited="D's greeting in F")
            script.send_signal(signal.SIGINT)
            assert script.wait(60) == 0
        finally:
            if script.poll() is None:
                script.terminate()
