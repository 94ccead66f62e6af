"""The charts of deploy/helm, rendered as an operator would."""

import functools
import pathlib
import subprocess

import yaml

REPOSITORY = pathlib.Path(__file__).parents[2]
CHARTS = REPOSITORY / "deploy/helm"
TOPOLOGIES = REPOSITORY / "deploy/topologies"
KUBERNETES = "1.33.0"
IMAGE = ("--set", "image.repository=registry.example/troupe")

HELLO = """
services:
  hello:
    greeter: {greeting: "Hello, world!"}
  door:
    gateway: hello
node: {grpc: {without-tls: anywhere}}
"""
STATIC = """
streams: {orders: {partitions: 5}}
defaults: {consumer: {membership: static, as: text}}
services:
  counter:
    consumers:
      - {from: orders, group: counting}
"""
EVERYTHING = ("--set", "autoscaling.enabled=true,keda.enabled=true,monitoring.enabled=true",
              "--set", "secret.external.store=vault,secret.external.keys.a\\.conn.key=a")


def helm(command, chart, *arguments):
    """Runs `helm COMMAND` on a chart; the outcome with its output."""
    release = ["shop"] if command == "template" else []
    return subprocess.run(["helm", command, *release, str(CHARTS / chart), "--kube-version", KUBERNETES, "--namespace", "dev", *arguments],
                          capture_output=True, text=True, timeout=60, check=False)


@functools.lru_cache(maxsize=None)
def rendered_text(chart, *arguments):
    done = helm("template", chart, *IMAGE, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rendered(chart, *arguments):
    """The manifests of a chart, by kind and name."""
    documents = [each for each in yaml.safe_load_all(rendered_text(chart, *arguments)) if each]
    by_name = {(each["kind"], each["metadata"]["name"]): each for each in documents}
    assert len(by_name) == len(documents), "two manifests have the same kind and name"
    return by_name


def refusal(chart, *arguments):
    """What helm says of values that it refuses."""
    done = helm("template", chart, *IMAGE, *arguments)
    assert done.returncode != 0, "helm accepted these values"
    return done.stderr


def container(manifest):
    return manifest["spec"]["template"]["spec"]["containers"][0]


def workloads(manifests):
    """Deployments and StatefulSets by name."""
    return {name: each for (kind, name), each in manifests.items() if kind in ("Deployment", "StatefulSet")}


def write_topologies(folder):
    """Writes the topologies that `profiles` needs beside those of deploy/topologies."""
    (folder / "hello.yaml").write_text(HELLO, encoding="utf-8")
    (folder / "static.yaml").write_text(STATIC, encoding="utf-8")
    return folder


def profiles(files):
    """Charts with the values that operators combine, by name."""
    hello = ("troupe", "--set-file", f"topology={files}/hello.yaml")
    whole = ("troupe", "--set-file", f"topology={TOPOLOGIES}/reference-2019.yaml")
    return {
        "one service and its gateway": hello,
        "everything beside them": (*hello, *EVERYTHING),
        "all in one": (*whole, "--set", "layout=one"),
        "all in one without a volume": (*whole, "--set", "layout=one,data.persistent=false"),
        "a process for each service": (*whole, "--set", "mongodb.key=m,rabbitmq.key=r,rabbitmq.authorities=ca"),
        "documents in volumes": (*whole, "--set", "rabbitmq.key=r"),
        "static members": ("troupe", "--set-file", f"topology={files}/static.yaml", "--set", "kafka.brokers=b:9092,kafka.key=k,keda.enabled=true"),
        "reference platform": ("reference-platform",),
        "reference platform with everything": ("reference-platform", *EVERYTHING),
        "Kafka demonstration": ("kafka-demo-app",),
        "Kafka demonstration with everything": ("kafka-demo-app", *EVERYTHING),
        "MSK with its file of settings": ("kafka-demo-app", "--set", "kafka.brokers=,kafka.credentials=",
                                          "--set-file", f"topologies.msk={TOPOLOGIES}/msk.yaml"),
        "Kafka client": ("kafka-client-msk",),
    }
