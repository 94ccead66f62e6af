"""The reference platform of compose.yaml with its broker and its database: healthy, with its secrets as files, and without loss when
they end."""

import json
import urllib.parse
import urllib.request

import pymongo
import pytest

from driver import composed
from driver.ledger import Ledger
from driver.program import eventually

GATEWAY = "127.0.0.1:8080"
OURS = {f"service-{letter}" for letter in "abcdefgh"} | {"service-rev-proxy"}
SERVERS = {"rabbitmq", "mongodb"}
STORED = {"Service C": ("service-c", "greetings"), "Service D": ("service-f", "messages"), "Service G": ("service-g", "greetings"),
          "Service H": ("service-h", "greetings")}


@pytest.fixture(scope="module")
def platform(engine, folder, named):
    with composed.project(engine, folder, "compose.yaml", "platform", named) as made:
        made.compose("up", "--detach")
        made.wait_healthy(*OURS, *SERVERS)
        yield made


def greet():
    with urllib.request.urlopen(f"http://{GATEWAY}/api/v1/greeting", timeout=20) as answer:
        return answer.headers.get("troupe-missing"), json.load(answer)["greeting"]


class Documents:
    """What is in the database, read by another client."""

    def __init__(self, platform):
        self.platform = platform
        self.password = (platform.folder / "secret/mongodb-password").read_text(encoding="utf-8")

    def ids(self, database, collection):
        # An address is a container's, and another after each start.
        uri = f"mongodb://troupe:{self.password}@{self.platform.address('mongodb')}:27017/admin?authMechanism=SCRAM-SHA-256"
        with pymongo.MongoClient(uri, serverSelectionTimeoutMS=5000) as client:
            return [one["id"] for one in client[database][collection].find({}, {"id": 1})]


@pytest.fixture(scope="module")
def documents(platform):
    return Documents(platform)


def complete():
    missing, greetings = greet()
    return None if missing else greetings


def test_seven_greetings_come_through_the_gateway_and_are_stored(platform, documents):
    greetings = eventually(complete, 30, "a complete answer")
    assert sorted(each["service"] for each in greetings) == [f"Service {letter}" for letter in "ABCDEGH"]
    assert len({each["hostname"] for each in greetings}) == 7, "each from a host of its own"
    ids = {each["service"]: each["id"] for each in greetings}
    for service, where in STORED.items():  # that of Service D by way of the broker
        eventually(lambda service=service, where=where: ids[service] in documents.ids(*where), 30, f"the document of {service}")


@pytest.mark.parametrize("service", ["mongodb", "service-a"])
def test_a_check_of_health_fails_where_a_container_is_silent(platform, service):
    process = platform.state(service)["Pid"]
    assert platform.passes_check(service)
    platform.engine.sandbox.run("kill", "-STOP", process)
    try:
        assert not platform.passes_check(service)
    finally:
        platform.engine.sandbox.run("kill", "-CONT", process)
    eventually(lambda: platform.passes_check(service), 60, f"the health of {service}")


def test_secrets_are_files_and_no_setting_of_a_container_has_one(platform):
    secrets = {(platform.folder / "secret" / f"{server}-password").read_text(encoding="utf-8").strip() for server in SERVERS}
    for service in OURS | SERVERS:
        inspected = platform.engine.podman("inspect", f"{platform.name}_{service}_1")
        assert not [each for each in secrets if each in inspected], service
    mounted = {service: {each["Destination"] for each in platform.inspected(service)["Mounts"] if each["Destination"].startswith("/run/secrets/")}
               for service in OURS}
    both = {"/run/secrets/mongodb.conn", "/run/secrets/rabbitmq.conn"}
    assert mounted["service-f"] == both
    assert mounted["service-d"] == {"/run/secrets/rabbitmq.conn"} and mounted["service-c"] == {"/run/secrets/mongodb.conn"}
    assert not mounted["service-a"] and not mounted["service-rev-proxy"]


def kill(platform, service):
    platform.kill(service)


def restart(platform, service):
    platform.compose("restart", "--timeout=30", service)


DISTURBED = [(restart, "rabbitmq"), (kill, "rabbitmq"), (restart, "mongodb"), (kill, "mongodb"), (kill, "service-f"), (kill, "service-c")]


@pytest.mark.parametrize("how,service", DISTURBED, ids=[f"{how.__name__}-{service}" for how, service in DISTURBED])
def test_nothing_that_was_answered_is_lost_when_a_container_ends_and_is_started_again(platform, documents, how, service):
    ledger = Ledger(lambda: GATEWAY, stored=STORED)
    threads = ledger.run(10_000_000, clients=2)
    try:
        eventually(lambda: ledger.complete > 20, 60, "work to disturb")
        how(platform, service)
        platform.wait_healthy(service)
        before = ledger.complete
        eventually(lambda: ledger.complete > before + 20, 90, "complete answers again")
    finally:
        ledger.stop()
        for thread in threads:
            thread.join(30)
    for name, where in STORED.items():
        stored = []

        def all_there(name=name, where=where):
            stored[:] = documents.ids(*where)
            return ledger.accepted[name] <= set(stored)
        eventually(all_there, 60, f"what {name} has accepted")
        assert len(stored) == len(set(stored)), f"{name}: stored twice"


def test_what_is_kept_is_there_after_all_containers_were_removed_and_made_again(platform, documents):
    ids = {each["service"]: each["id"] for each in eventually(complete, 30, "a complete answer")}
    for service, where in STORED.items():
        eventually(lambda service=service, where=where: ids[service] in documents.ids(*where), 30, f"the document of {service}")
    platform.compose("down", "--timeout=30")
    platform.compose("up", "--detach")
    platform.wait_healthy(*OURS, *SERVERS)
    for service, where in STORED.items():
        assert ids[service] in documents.ids(*where)
    eventually(complete, 30, "a complete answer")


def test_prometheus_of_the_profile_reads_every_service_and_has_the_alarms(platform):
    platform.compose("--profile=observability", "up", "--detach", "prometheus")

    def asked(path):
        with urllib.request.urlopen(f"http://127.0.0.1:9090/api/v1/{path}", timeout=10) as answer:
            return json.load(answer)["data"]

    def all_up():
        try:
            targets = asked("targets")["activeTargets"]
        except OSError:
            return False
        return {urllib.parse.urlsplit(each["scrapeUrl"]).hostname for each in targets if each["health"] == "up"} == OURS
    eventually(all_up, 60, "a scrape of every service")
    assert [rule for group in asked("rules")["groups"] for rule in group["rules"] if rule["type"] == "alerting"]
