"""What single pods do with their volume, their memory and their processors."""

import contextlib
import os
import signal
import socket
import subprocess

from driver.charts import CHARTS, TOPOLOGIES
from driver.kubernetes import restarts
from driver.ledger import Ledger
from driver.load import load
from driver.program import eventually
from driver.sandbox import run


def test_nothing_that_was_acknowledged_is_lost_when_a_container_is_killed(cluster, image, namespace):
    cluster.install("shop", CHARTS / "troupe", namespace, *image, "--set", "layout=one", "--set-file", f"topology={TOPOLOGIES}/reference-2019.yaml")
    [pod] = cluster.pods(namespace)
    address = pod["status"]["podIP"]

    def listens():
        with contextlib.suppress(OSError), socket.create_connection((address, 8080), 1):
            return f"{address}:8080"
        return None
    ledger = Ledger(lambda: eventually(listens, 60, "a listening container"))
    clients = ledger.run(1_000_000, clients=4)
    try:
        for time in range(2):
            before = ledger.complete
            eventually(lambda before=before: ledger.complete > before + 200, 60, "complete answers")
            os.kill(cluster.process(pod), signal.SIGKILL)
            eventually(lambda time=time: restarts(cluster.pods(namespace)[0]) == time + 1, 60, "a container that is started again")
            cluster.wait_ready(namespace, "shop", 1)
        before = ledger.complete
        eventually(lambda: ledger.complete > before + 200, 60, "complete answers")
    finally:
        ledger.stop()
        for each in clients:
            each.join(30)
    assert cluster.pods(namespace)[0]["metadata"]["uid"] == pod["metadata"]["uid"]
    ledger.check(cluster.volume(namespace, "data-shop-0") / "troupe.sqlite")
    print(f"{ledger.complete} complete answers, {ledger.broken} connections broken by the kills")


def test_the_volume_outlives_the_pod_and_the_release(cluster, image, namespace):
    values = ("shop", CHARTS / "troupe", namespace, *image, "--set", "layout=one", "--set-file", f"topology={TOPOLOGIES}/reference-2019.yaml")
    cluster.install(*values)
    ledger = Ledger(lambda: f"{cluster.pods(namespace)[0]['status']['podIP']}:8080")
    for each in ledger.run(50, clients=2):
        each.join(60)
    assert ledger.complete == 50
    run("helm", "uninstall", "shop", f"--namespace={namespace}", "--wait", env=cluster.environment())
    cluster.install(*values)
    ledger.check(cluster.volume(namespace, "data-shop-0") / "troupe.sqlite")


def test_load_stays_within_the_limit_of_memory(cluster, image, namespace):
    limit = 96 << 20
    cluster.install("shop", CHARTS / "troupe", namespace, *image, "--set", "layout=one,resources.limits.memory=96Mi",
                    "--set-file", f"topology={TOPOLOGIES}/reference-2019.yaml")
    [pod] = cluster.pods(namespace)
    printed = run("hey", "-n", "4000", "-c", "50", "-t", "30", f"http://{pod['status']['podIP']}:8080/api/v1/greeting", timeout=300)
    assert "[200]\t4000 responses" in printed, printed
    node = cluster.node(pod["spec"]["nodeName"])
    assert node.groups.memory(pod["metadata"]["uid"]) == limit
    assert restarts(cluster.pods(namespace)[0]) == 0


def test_what_takes_more_memory_than_its_limit_is_killed_alone(cluster, image, namespace):
    """That the limit is one: 200 clients need more than 24 MiB."""
    cluster.install("shop", CHARTS / "troupe", namespace, *image, "--set", "layout=one,resources.limits.memory=24Mi,resources.requests.memory=24Mi",
                    "--set-file", f"topology={TOPOLOGIES}/reference-2019.yaml")
    [pod] = cluster.pods(namespace)

    def killed():
        [container] = cluster.pods(namespace)[0]["status"]["containerStatuses"]
        return "OOMKilled" in str(container["state"]) + str(container["lastState"])
    with subprocess.Popen(["hey", "-z", "120s", "-c", "200", f"http://{pod['status']['podIP']}:8080/api/v1/greeting"],
                          stdout=subprocess.DEVNULL) as clients:
        try:
            eventually(killed, 90, "a container that was killed for its memory")
        finally:
            clients.kill()
    cluster.check()


def test_the_autoscaler_adds_pods_under_load(cluster, image, namespace, tmp_path):
    topology = tmp_path / "hello.yaml"
    topology.write_text("services:\n  hello:\n    greeter: {greeting: Hello}\nnode: {grpc: {without-tls: anywhere}}\n", encoding="utf-8")
    cluster.start_metrics()
    cluster.install("shop", CHARTS / "troupe", namespace, *image, "--set-file", f"topology={topology}",
                    "--set", "autoscaling.enabled=true,autoscaling.cpu=20,autoscaling.maxReplicas=4",
                    "--set", "resources.requests.cpu=20m,service.headless=false")
    eventually(lambda: len(cluster.pods(namespace, "hello")) == 2, 60, "two pods")

    def current():
        [scaler] = cluster.get("horizontalpodautoscalers", namespace)
        return scaler["status"].get("currentMetrics")
    eventually(current, 120, "what the pods use")
    with load(f"{cluster.service_address(namespace, 'hello')}:8080"):
        eventually(lambda: len(cluster.ready(namespace, "hello")) == 4, 180, "four pods that are ready")
