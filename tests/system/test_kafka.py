"""The Kafka demonstration on a real cluster: crossed services, three replicas of each, SCRAM over verified TLS, credentials
from Secrets Manager and brokers from Parameter Store; read back by kcat."""

import contextlib
import json
import pathlib
import subprocess

import pytest

from driver.aws import aws
from driver.certificates import old_tls, speaks_old_tls
from driver.kafka import Rule, kafka
from driver.ports import free_ports
from driver.program import Program, eventually, run_once, running
from driver.stored import query

DEMO = pathlib.Path(__file__).parent.parent.parent / "deploy/topologies/kafka-demo.yaml"
MSK = DEMO.parent / "msk.yaml"
USER = "demo"


@pytest.fixture(scope="module")
def secured(tmp_path_factory):
    with kafka(tmp_path_factory.mktemp("kafka"), security="sasl_ssl", users={USER: "first-password"}) as made:
        yield made


@pytest.fixture(scope="module")
def kept(tmp_path_factory, secured):
    """The account in which credentials and brokers are kept, as in the reference platform."""
    with aws(tmp_path_factory.mktemp("aws")) as made:
        made.put_secret("AmazonMSK_credentials", json.dumps({"username": USER, "password": secured.users[USER]}))
        made.put_parameter("/msk/scram/brokers", "StringList", secured.bootstrap)
        yield made


@pytest.fixture(scope="module")
def environment(secured, kept):
    return {"AWS_ENDPOINT_URL": kept.endpoint, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "reader",
            "AWS_SECRET_ACCESS_KEY": "reader", "KAFKA_AUTHORITIES": str(secured.ca)}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The demonstration's own file, with as many replicas as one broker can have."""
    file = tmp_path_factory.mktemp("demo") / "kafka-demo.yaml"
    file.write_text(DEMO.read_text().replace("partitions: 3", "partitions: 3\n    replicas: 1"))
    return str(file)


@pytest.fixture(scope="module")
def applied(secured, demo, environment):
    """Topics and permissions, made by an administrator with the program itself."""
    result = {**environment, "KAFKA_USERNAME": "admin", "KAFKA_PASSWORD": secured.users["admin"],
            "KAFKA_BROKERS": secured.bootstrap}
    rehearsed = run_once("topics", "apply", demo, "--principal", f"User:{USER}", "--dry-run", env=result, timeout=60)
    assert rehearsed.returncode == 0, rehearsed.stderr
    assert "would create the topic foo-topic with 3 partitions and 1 replica" in rehearsed.stdout
    done = run_once("topics", "apply", demo, "--principal", f"User:{USER}", env=result, timeout=60)
    assert done.returncode == 0, done.stderr
    assert rehearsed.stdout.replace("would ", "") == done.stdout
    again = run_once("topics", "apply", demo, "--principal", f"User:{USER}", env=result, timeout=60)
    assert again.returncode == 0 and again.stdout == "nothing to do\n"
    return done.stdout


def kcat(secured, topic):
    """What an independent client reads of a topic."""
    result = [word for name, value in secured.client_settings("admin").items() for word in ("-X", f"{name}={value}")]
    read = subprocess.run(["kcat", "-C", "-q", "-e", "-t", topic, "-o", "beginning", "-f", r"%k\t%s\t%h\n", *result],
                          capture_output=True, text=True, check=True, timeout=60)
    return [line.split("\t") for line in read.stdout.splitlines()]


@pytest.fixture
def started(tmp_path, demo, environment):
    """Starts one replica of a service with its data in a folder of its own."""
    with contextlib.ExitStack() as programs:
        def start(name, number, env=None):
            program = Program(tmp_path / f"{name}-{number}", demo, str(MSK), "--service", name,
                              env={**environment, "MSG_FREQ": "1", **(env or {})})
            programs.callback(program.kill)
            return program
        yield start


def stored(programs):
    """What the replicas of a service have stored: id and message."""
    return [(one["id"], one["message"]) for program in programs
            for one in (json.loads(body) for (body,) in query(program.file, "SELECT body FROM documents"))]


def test_what_the_services_may_is_what_the_reference_platform_allows(applied):
    for line in (f"allow User:{USER} to write the topic foo-topic", f"allow User:{USER} to read the topic foo-topic",
                 f"allow User:{USER} to read the group consumer-group-A", f"allow User:{USER} to read the group consumer-group-B"):
        assert line in applied


def test_two_crossed_services_with_three_replicas_each(applied, secured, started):
    replicas = {name: [started(name, number) for number in range(3)] for name in ("kafka-demo-a", "kafka-demo-b")}
    for programs in replicas.values():
        for program in programs:
            program.wait_until_ready(60)
    for name, topic in (("kafka-demo-b", "foo-topic"), ("kafka-demo-a", "bar-topic")):
        eventually(lambda name=name: len(stored(replicas[name])) >= 12, 60, f"messages at {name}")
        for program in replicas[name]:
            eventually(lambda program=program: program.metric("troupe_kafka_partitions") == 1, 90, "a partition for each replica")
        had = stored(replicas[name])
        read = kcat(secured, topic)  # after the stores, which go on
        assert len(had) == len({one for one, _ in had})
        assert {text for _, text in had} <= {text for _, text, _ in read}
        assert all(text.startswith(f"This is message {key} from host ") for key, text, _ in read)
        assert all("message-id=" in headers and "traceparent=" in headers for _, _, headers in read)
    for programs in replicas.values():
        for program in programs:
            assert program.end() == 0


def link_detail(program):
    checks = {each["name"]: each for each in program.get("/readyz").json()["checks"]}
    return checks["r/consumer-subscription"].get("detail", "")


def test_what_speaks_tls_and_is_asked_without_it_is_reported_by_address_and_setting(secured, tmp_path):
    file = tmp_path / "plain.yaml"
    file.write_text("services: {r: {greeter: {greeting: hi}, consumers: [{from: foo-topic, group: g, store: r.m}]}}\n"
                    "streams: {foo-topic: {via: kafka}}\nnode: {kafka: {encryption: none}}\n")
    with running(tmp_path / "data", str(file), env={"KAFKA_BROKERS": secured.bootstrap}) as program:
        eventually(lambda: secured.bootstrap in link_detail(program) and "node.kafka.encryption to tls" in link_detail(program),
                   30, "a word of what is wrong")
        assert program.end() == 0


def test_brokers_that_are_away_are_reported_by_address_and_reason(tmp_path):
    nobody = f"127.0.0.1:{free_ports(1)[0]}"
    file = tmp_path / "plain.yaml"
    file.write_text("services: {r: {greeter: {greeting: hi}, consumers: [{from: foo-topic, group: g, store: r.m}]}}\n"
                    "streams: {foo-topic: {via: kafka}}\nnode: {kafka: {encryption: none}}\n")
    with running(tmp_path / "data", str(file), env={"KAFKA_BROKERS": nobody}) as program:
        eventually(lambda: nobody in link_detail(program) and "Connection refused" in link_detail(program), 30,
                   "a word of what is wrong")
        result = [line["msg"] for line in map(json.loads, program.lines) if line["level"] == "error"]
        assert any("Connection refused" in each for each in result), result
        assert program.end() == 0


def test_a_wrong_password_is_reported_and_a_rotated_one_is_taken_up(applied, secured, kept, started):
    secured.set_password(USER, "second-password")
    program = started("kafka-demo-a", 1)
    program.wait_until_listening()
    eventually(lambda: "unauthenticated" in program.get("/readyz").text(), 60, "the reason of a failing readiness")
    assert program.get("/readyz").status == 503
    assert program.get("/livez").status == 200
    kept.put_secret("AmazonMSK_credentials", json.dumps({"username": USER, "password": "second-password"}))
    eventually(lambda: program.get("/readyz").status == 200, 60, "readiness with the new password")
    assert program.tree()  # the same process, and none of its actors was restarted
    assert "second-password" not in "".join(program.lines) + "".join(program.errors)
    assert program.end() == 0


@pytest.mark.parametrize(("rule", "word"), [(Rule("topic", "bar-topic", "read"), "forbidden"),
                                            (Rule("group", "consumer-group-A", "read"), "forbidden")])
def test_a_missing_permission_is_reported_and_works_again(applied, secured, started, rule, word):
    secured.withdraw(USER, rule)
    program = started("kafka-demo-a", 2).wait_until_listening()
    try:
        eventually(lambda: word in program.get("/readyz").text(), 60, "the reason of a failing readiness")
        assert program.get("/readyz").status == 503
    finally:
        secured.allow(USER, rule)
    eventually(lambda: program.get("/readyz").status == 200, 90, "readiness with the permission")
    assert program.end() == 0


def test_a_permission_that_is_withdrawn_for_a_while_is_reported_and_works_again_though_nothing_is_said(applied, secured, started):
    program = started("kafka-demo-a", 6, {"MSG_FREQ": "3600"})
    program.wait_until_ready(90)
    rule = Rule("topic", "bar-topic", "read")
    secured.withdraw(USER, rule)
    try:
        eventually(lambda: "forbidden" in program.get("/readyz").text(), 60, "the reason of a failing readiness")
    finally:
        secured.allow(USER, rule)
    eventually(lambda: program.get("/readyz").status == 200, 90, "readiness with the permission")
    assert program.end() == 0


def test_a_topic_that_is_not_there_is_reported_and_found_when_it_is(applied, secured, tmp_path, environment):
    late = tmp_path / "late.yaml"
    late.write_text(DEMO.read_text().replace("bar-topic", "late-topic"))
    secured.allow(USER, *(Rule("topic", "late-topic", awaited) for awaited in ("read", "write", "describe")))
    program = Program(tmp_path / "data", str(late), str(MSK), "--service", "kafka-demo-a", env={**environment, "MSG_FREQ": "1"})
    try:
        program.wait_until_listening()
        eventually(lambda: "UNKNOWN_TOPIC" in program.get("/readyz").text(), 60, "the reason of a failing readiness")
        assert program.get("/readyz").status == 503
        assert "late-topic" in program.get("/readyz").text()
        secured.create_topic("late-topic", 1)
        eventually(lambda: program.get("/readyz").status == 200, 60, "readiness with the topic")
        assert program.end() == 0
    finally:
        program.kill()


def test_a_stranger_of_a_broker_is_not_trusted_until_its_authority_is(applied, secured, started, tmp_path):
    authorities = tmp_path / "authorities.pem"
    authorities.write_bytes(secured.security.other_ca.certificate.read_bytes())
    program = started("kafka-demo-a", 3, {"KAFKA_AUTHORITIES": str(authorities)}).wait_until_listening()
    eventually(lambda: "certificate" in program.get("/readyz").text().lower(), 60, "the reason of a failing readiness")
    assert program.get("/readyz").status == 503
    authorities.write_bytes(secured.ca.read_bytes())
    eventually(lambda: program.get("/readyz").status == 200, 60, "readiness with the right authority")
    assert program.end() == 0


def test_no_broker_is_spoken_to_by_an_old_tls(started, secured):
    with old_tls(secured.security.certificates["valid"]) as port:
        assert speaks_old_tls(port)
        program = started("kafka-demo-a", 7, {"KAFKA_BROKERS": f"127.0.0.1:{port}"}).wait_until_listening()
        eventually(lambda: "SSL handshake failed" in program.get("/readyz").text(), 60, "the reason of a failing readiness")
        assert program.get("/readyz").status == 503


def test_an_expired_certificate_is_reported_and_a_new_one_taken(applied, secured, started):
    secured.restart(1, "expired")
    program = started("kafka-demo-a", 4).wait_until_listening()
    try:
        eventually(lambda: "certificate" in program.get("/readyz").text().lower(), 60, "the reason of a failing readiness")
    finally:
        secured.restart(1, "valid")
    eventually(lambda: program.get("/readyz").status == 200, 60, "readiness with a valid certificate")
    assert program.end() == 0


def test_credentials_of_a_mounted_file_are_used_and_taken_up_when_they_change(applied, secured, started, tmp_path):
    file = tmp_path / "credentials.json"
    file.write_text(json.dumps({"username": USER, "password": "wrong"}))
    program = started("kafka-demo-a", 8, {"KAFKA_CREDENTIALS": f"file:{file}", "KAFKA_BROKERS": secured.bootstrap})
    program.wait_until_listening()
    eventually(lambda: "unauthenticated" in program.get("/readyz").text(), 60, "the reason of a failing readiness")
    file.write_text(json.dumps({"username": USER, "password": secured.users[USER]}))
    eventually(lambda: program.get("/readyz").status == 200, 60, "readiness with the right password")
    assert secured.users[USER] not in "".join(program.lines) + "".join(program.errors)
    assert program.end() == 0


def test_a_secret_that_is_not_there_is_reported(applied, started):
    program = started("kafka-demo-a", 5, {"KAFKA_CREDENTIALS": "aws-secretsmanager:Nothing"}).wait_until_listening()
    eventually(lambda: "aws-secretsmanager:Nothing" in program.get("/readyz").text(), 60, "the reason of a failing readiness")
    assert program.end() == 0


def test_a_property_that_does_not_exist_is_refused_by_name(demo, tmp_path):
    extra = tmp_path / "extra.yaml"
    extra.write_text("node:\n  kafka:\n    brokers: [127.0.0.1:1]\n    properties: [fetch.max.bites=1, linger.ms=fast]\n  streams: kafka\n")
    result = run_once("check", demo, str(extra))
    assert result.returncode == 2
    assert "fetch.max.bites" in result.stderr
    assert "linger.ms" in result.stderr
