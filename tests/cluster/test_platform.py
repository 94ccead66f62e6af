"""The reference platform in pods: what its clients notice of what happens to its pods, which is nothing."""

import json
import os
import signal
import urllib.request

import pytest

from driver.kubernetes import restarts
from driver.load import load
from driver.program import eventually
from driver.rabbitmq import ADMIN
from driver.sandbox import run

SERVICES = [f"service-{letter}" for letter in "abcdefgh"] + ["service-rev-proxy"]


def greet(platform):
    with urllib.request.urlopen(f"http://{platform.address}/api/v1/greeting", timeout=20) as answer:
        return answer.headers.get("troupe-missing"), json.load(answer)["greeting"]


@pytest.fixture(autouse=True)
def whole(platform):
    """Each test begins with every pod ready and complete answers."""
    for service in SERVICES:
        platform.wait_ready(service)
    eventually(lambda: greet(platform)[0] is None, 60, "a complete answer")


def test_seven_greetings_come_through_the_service(platform):
    missing, greetings = greet(platform)
    assert missing is None and sorted(each["service"] for each in greetings) == [f"Service {letter}" for letter in "ABCDEGH"]
    names = {each["metadata"]["name"] for each in platform.pods()}
    assert len(names) == 2 * len(SERVICES) and {each["hostname"] for each in greetings} < names
    # What was greeted is in MongoDB, by way of RabbitMQ that of Service D.
    ids = {each["service"]: each["id"] for each in greetings}
    for service, database, collection in (("C", "service-c", "greetings"), ("D", "service-f", "messages"), ("H", "service-h", "greetings")):
        def stored(service=service, where=(database, collection)):
            return any(ids[f"Service {service}"] in json.dumps(each, default=str) for each in platform.database.documents(*where))
        eventually(stored, 30, f"the document of Service {service}")


def test_every_pod_is_used(platform):
    hosts = set()

    def all_seen():
        hosts.update((each["service"], each["hostname"]) for each in greet(platform)[1])
        return len(hosts) == 14
    eventually(all_seen, 60, "greetings from both pods of seven services")


def test_no_request_fails_while_pods_are_deleted(platform):
    with load(platform.address):
        for service in ("service-rev-proxy", "service-a", "service-c", "service-h"):
            platform.cluster.kubectl("delete", "pod", platform.pods(service)[0]["metadata"]["name"], f"--namespace={platform.namespace}")
            platform.wait_ready(service)


def test_no_request_fails_while_a_node_is_drained(platform):
    node = platform.cluster.nodes[1].name
    assert [each for each in platform.pods() if each["spec"]["nodeName"] == node]
    try:
        with load(platform.address):
            platform.cluster.kubectl("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=240s", timeout=300)
            assert not [each for each in platform.pods() if each["spec"]["nodeName"] == node]
            for service in SERVICES:
                platform.wait_ready(service)
    finally:
        platform.cluster.kubectl("uncordon", node)


def evict(platform, pod):
    """Asks as a drain or an autoscaler of nodes does; what the API server says."""
    name = pod["metadata"]["name"]
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": platform.namespace}}
    try:
        return run("kubectl", "create", f"--raw=/api/v1/namespaces/{platform.namespace}/pods/{name}/eviction", "--filename=-",
                   text=json.dumps(eviction), env=platform.cluster.environment())
    except AssertionError as error:
        return str(error)


def test_no_request_fails_while_pods_are_evicted_and_the_last_of_a_service_is_not(platform):
    with load(platform.address):
        for service in ("service-rev-proxy", "service-b", "service-e"):
            first, second = platform.pods(service)
            assert '"Success"' in evict(platform, first).replace(" ", "").replace('"status":', "")
            assert "would violate the pod's disruption budget" in evict(platform, second)
            platform.wait_ready(service)


def test_no_request_fails_while_every_service_is_rolled(platform):
    before = {each["metadata"]["uid"] for each in platform.pods()}
    with load(platform.address):
        platform.cluster.kubectl("rollout", "restart", "deployment", f"--namespace={platform.namespace}")
        for service in SERVICES:
            platform.cluster.kubectl("rollout", "status", f"deployment/{service}", "--timeout=240s", f"--namespace={platform.namespace}", timeout=300)
    assert not before & {each["metadata"]["uid"] for each in platform.pods()}


def test_no_request_fails_while_processes_behind_the_gateway_are_killed(platform):
    with load(platform.address):
        for service in ("service-a", "service-c", "service-e"):
            pod = platform.pods(service)[0]
            os.kill(platform.cluster.process(pod), signal.SIGKILL)

            def again(pod=pod, service=service):
                now = [each for each in platform.pods(service) if each["metadata"]["uid"] == pod["metadata"]["uid"]]
                return now and restarts(now[0]) > restarts(pod)
            eventually(again, 60, f"the restart of a container of {service}")
            platform.wait_ready(service)


def test_a_pod_that_is_not_ready_gets_no_traffic(platform):
    """Its process is stopped: it would take connections, and answer none."""
    stopped = platform.pods("service-rev-proxy")[0]
    process, address = platform.cluster.process(stopped), stopped["status"]["podIP"]
    assert address in platform.cluster.ready(platform.namespace, "service-rev-proxy")
    os.kill(process, signal.SIGSTOP)
    try:
        eventually(lambda: address not in platform.cluster.ready(platform.namespace, "service-rev-proxy"), 30, "a pod that is not ready")
        with load(platform.address) as clients:
            eventually(lambda: clients.complete >= 30, 60, "answers of the other pod")
    finally:
        os.kill(process, signal.SIGCONT)
    platform.wait_ready("service-rev-proxy")
    assert platform.cluster.process(stopped) == process


def test_passwords_are_rotated_without_a_restart(platform):
    before = {each["metadata"]["uid"]: restarts(each) for each in platform.pods()}
    platform.database.set_password("another-of-mongodb")
    platform.broker.users[ADMIN] = "another-of-rabbitmq"
    platform.broker.ctl("change_password", ADMIN, platform.broker.users[ADMIN])
    platform.database.stop()  # who is logged in stays so
    platform.broker.stop()
    platform.database.start()
    platform.broker.begin()
    platform.broker.wait_until_usable()
    eventually(lambda: greet(platform)[0] is not None, 60, "an answer that lacks what the old password cannot do")
    platform.write_secret()
    eventually(lambda: greet(platform)[0] is None, 120, "a complete answer with the new passwords")
    assert {each["metadata"]["uid"]: restarts(each) for each in platform.pods()} == before


def connects(platform, pod, service):
    """Whether a pod can open a connection to a pod of another service, where it serves gRPC."""
    to = platform.pods(service)[0]["status"]["podIP"]
    return platform.cluster.from_pod(pod, "bash", "-c", f"timeout 3 bash -c '</dev/tcp/{to}/50051' && echo yes || echo no") == "yes"


def test_the_callers_of_the_topology_reach_a_service_and_others_do_not(platform):
    assert connects(platform, platform.pods("service-b")[0], "service-d")
    assert not connects(platform, platform.pods("service-c")[0], "service-d")
    assert not connects(platform, platform.pods("service-rev-proxy")[0], "service-d")
    assert connects(platform, platform.pods("service-rev-proxy")[0], "service-a")
    # From outside of the cluster only the gateway is reached.
    pod = platform.pods("service-a")[0]["status"]["podIP"]
    assert run("curl", "--silent", "--max-time", "3", f"http://{pod}:8080/livez", check=False) == ""
    assert greet(platform)[0] is None
