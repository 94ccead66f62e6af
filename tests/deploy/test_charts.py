"""What the charts render: accepted by Kubernetes' own schemas and rules, and by the program that the pods run."""

import os
import re
import subprocess

import kubernetes_validate
import pytest
import yaml

from driver.charts import (EVERYTHING, HELLO, IMAGE, REPOSITORY, TOPOLOGIES, container, helm, profiles, refusal, rendered, rendered_text,
                           workloads, write_topologies)
from driver.program import program_path, run_once


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_topologies(tmp_path_factory.mktemp("topologies"))


NAMES = sorted(profiles("."))
profile = pytest.mark.parametrize("name", NAMES)


def strictly(command, text, arguments=()):
    return subprocess.run([command, *arguments], input=text, capture_output=True, text=True, timeout=120, check=False)


@profile
def test_helm_lint_finds_nothing(files, name):
    chart, *arguments = profiles(files)[name]
    done = helm("lint", chart, "--strict", *IMAGE, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr


@profile
def test_manifests_decode_strictly_and_pods_are_restricted(files, name):
    chart, *arguments = profiles(files)[name]
    done = strictly("check-manifests", rendered_text(chart, *arguments))
    assert done.returncode == 0, done.stdout


def test_a_misspelt_field_and_a_pod_that_is_not_restricted_are_found(files):
    text = rendered_text(*profiles(files)["one service and its gateway"])
    misspelt = strictly("check-manifests", text.replace("terminationGracePeriodSeconds", "terminationGraceSeconds"))
    assert misspelt.returncode == 1 and 'unknown field "spec.template.spec.terminationGraceSeconds"' in misspelt.stdout
    privileged = strictly("check-manifests", text.replace("runAsNonRoot: true", "runAsNonRoot: false"))
    assert privileged.returncode == 1 and "Pod Security restricted forbids it: runAsNonRoot != true" in privileged.stdout


@pytest.mark.parametrize("version", ["1.29", "1.33", "1.37"])
def test_kubernetes_own_schemas_of_several_versions_take_the_manifests(files, version):
    own = re.compile(r"^(v1|(apps|policy|autoscaling|networking\.k8s\.io)/v[0-9]+)$")
    kinds = set()
    for chart, *arguments in profiles(files).values():
        manifests = [each for each in rendered(chart, *arguments).values() if own.match(each["apiVersion"])]
        # Of what is the same but for its name, one: the schemas are slow.
        for manifest in {(each["kind"], shape(each)): each for each in manifests}.values():
            kubernetes_validate.validate(manifest, version, strict=True)
            kinds.add(manifest["kind"])
    assert kinds == {"ConfigMap", "Service", "ServiceAccount", "Deployment", "StatefulSet", "PodDisruptionBudget", "NetworkPolicy",
                     "HorizontalPodAutoscaler"}


def shape(value):
    """What keys a value has, and what types are at their ends."""
    if isinstance(value, dict):
        return tuple((key, shape(each)) for key, each in sorted(value.items()))
    return tuple(sorted({shape(each) for each in value}, key=repr)) if isinstance(value, list) else type(value).__name__


def started(manifests, name, folder):
    """Writes what a workload's pods would mount, and returns the arguments and the environment that its program gets."""
    for (kind, _), manifest in manifests.items():
        if kind == "ConfigMap":
            for file, text in manifest["data"].items():
                (folder / file).write_text(text, encoding="utf-8")
    own = container(workloads(manifests)[name])
    arguments = [each.replace("/etc/troupe", str(folder)).replace("--data=/data", f"--data={folder}/data") for each in own["args"]]
    return arguments, {each["name"]: each["value"] for each in own["env"]}


def plan(manifests, name, folder):
    (command, *arguments), environment = started(manifests, name, folder)
    assert command == "run"
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run([program_path(), "check", *arguments], env={**clean, **environment}, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, f"{name}: {done.stderr}"
    return done.stdout


@pytest.mark.parametrize("name", [each for each in NAMES if each != "Kafka client"])
def test_the_program_accepts_what_every_pod_is_given_and_listens_where_it_is_probed(files, tmp_path, name):
    manifests = rendered(*profiles(files)[name])
    assert workloads(manifests)
    for workload, manifest in workloads(manifests).items():
        folder = tmp_path / workload
        folder.mkdir()
        printed = plan(manifests, workload, folder)
        ports = {each["name"]: each["containerPort"] for each in container(manifest)["ports"]}
        assert f"the edge at [::]:{ports['http']}\n" in printed
        served = re.search(r" at \[::\]:(\d+), without TLS\n", printed)
        assert (int(served[1]) if served else None) == ports.get("grpc")
        for probe, path in (("startupProbe", "/livez"), ("livenessProbe", "/livez"), ("readinessProbe", "/readyz")):
            assert container(manifest)[probe]["httpGet"] == {"path": path, "port": "http"}


def test_what_carries_messages_and_keeps_documents_in_the_pods_is_what_the_values_say(files, tmp_path):
    manifests = rendered(*profiles(files)["a process for each service"])
    printed = plan(manifests, "service-f", tmp_path)
    assert "file:/run/secrets/troupe/m " in printed and "file:/run/secrets/troupe/r " in printed
    assert re.search(r"via +amqp +", printed) and re.search(r"store +mongodb +", printed)
    mounted = {each["name"]: each for each in workloads(manifests)["service-f"]["spec"]["template"]["spec"]["volumes"]}
    assert [each["key"] for each in mounted["secrets"]["secret"]["items"]] == ["m", "r", "ca"]
    assert mounted["secrets"]["secret"]["secretName"] == "shop-connections"


def test_a_pod_mounts_the_secrets_that_it_needs_and_no_others(files):
    of = workloads(rendered(*profiles(files)["a process for each service"]))
    keys = {}
    for name, manifest in of.items():
        volumes = {each["name"]: each for each in manifest["spec"]["template"]["spec"]["volumes"]}
        keys[name] = [each["key"] for each in volumes["secrets"]["secret"]["items"]] if "secrets" in volumes else []
    assert keys == {"service-a": [], "service-b": [], "service-c": ["m"], "service-d": ["r", "ca"], "service-e": [],
                    "service-f": ["m", "r", "ca"], "service-g": ["m"], "service-h": ["m"], "service-rev-proxy": []}


def test_an_address_is_named_for_a_callee_whose_topology_has_none(files):
    manifests = rendered(*profiles(files)["one service and its gateway"])
    environment = {each["name"]: each["value"] for each in container(workloads(manifests)["door"])["env"]}
    assert environment["HELLO_URL"] == "dns:///hello:50051"
    assert {each["name"]: each["port"] for each in manifests["Service", "hello"]["spec"]["ports"]} == {"http": 8080, "grpc": 50051}
    assert [each["name"] for each in manifests["Service", "door"]["spec"]["ports"]] == ["http"]


def test_what_keeps_data_is_a_stateful_set_with_a_volume_and_what_does_not_is_a_deployment(files):
    kinds = {name: each["kind"] for name, each in workloads(rendered(*profiles(files)["documents in volumes"])).items()}
    assert {name for name, kind in kinds.items() if kind == "StatefulSet"} == {"service-c", "service-f", "service-g", "service-h"}
    one = workloads(rendered(*profiles(files)["all in one"]))["shop"]
    assert one["spec"]["replicas"] == 1
    assert one["spec"]["volumeClaimTemplates"][0]["spec"]["accessModes"] == ["ReadWriteOncePod"]


def test_static_members_have_stable_names(files):
    counter = workloads(rendered(*profiles(files)["static members"]))["counter"]
    assert counter["kind"] == "StatefulSet" and "volumeClaimTemplates" not in counter["spec"]


def test_the_pods_of_a_consumer_grow_with_its_lag_up_to_its_partitions(files):
    scaled = rendered(*profiles(files)["static members"])["ScaledObject", "counter"]["spec"]
    assert scaled["maxReplicaCount"] == 5
    assert scaled["triggers"][0]["metadata"]["query"] == 'sum(troupe_kafka_lag{namespace="dev",topic="orders",group="counting"})'
    assert "replicas" not in workloads(rendered(*profiles(files)["static members"]))["counter"]["spec"]
    manifests = rendered(*profiles(files)["reference platform with everything"])
    assert manifests["ScaledObject", "service-f"]["spec"]["triggers"][0]["metadata"]["queueName"] == "service-d.greeting"
    assert manifests["TriggerAuthentication", "service-f"]["spec"]["secretTargetRef"][0]["key"] == "rabbitmq.conn"
    assert ("HorizontalPodAutoscaler", "service-f") not in manifests and ("HorizontalPodAutoscaler", "service-a") in manifests


def test_a_network_policy_admits_the_callers_of_the_topology_and_no_others(files):
    manifests = rendered("reference-platform")

    def admitted(name):
        rules = manifests["NetworkPolicy", name]["spec"]["ingress"]
        return [each["podSelector"]["matchLabels"]["app.kubernetes.io/name"] for rule in rules for each in rule.get("from", [])
                if "podSelector" in each]
    assert admitted("service-d") == ["service-b"] and admitted("service-a") == ["service-rev-proxy"] and admitted("service-f") == []
    assert {"ports": [{"port": "http"}]} in manifests["NetworkPolicy", "service-rev-proxy"]["spec"]["ingress"]
    assert {"ports": [{"port": 27017}, {"port": 5672}]} in manifests["NetworkPolicy", "service-f"]["spec"]["egress"]


def test_every_service_runs_as_an_account_of_its_own_without_a_token(files):
    manifests = rendered("reference-platform", "--set", "services.service-c.serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn=arn:x")
    for name, manifest in workloads(manifests).items():
        pod = manifest["spec"]["template"]["spec"]
        assert pod["serviceAccountName"] == name and pod["automountServiceAccountToken"] is False
    assert manifests["ServiceAccount", "service-c"]["metadata"]["annotations"] == {"eks.amazonaws.com/role-arn": "arn:x"}
    assert "annotations" not in manifests["ServiceAccount", "service-d"]["metadata"]


def test_a_changed_topology_rolls_the_pods(files, tmp_path):
    def checksum(topology):
        file = tmp_path / f"{len(list(tmp_path.iterdir()))}.yaml"
        file.write_text(topology, encoding="utf-8")
        hello = workloads(rendered("troupe", "--set-file", f"topology={file}"))["hello"]
        return hello["spec"]["template"]["metadata"]["annotations"]["checksum/topology"]
    assert checksum(HELLO) != checksum(HELLO.replace("world", "moon"))
    assert checksum(HELLO) == checksum(HELLO)


def test_metrics_that_scalers_ask_for_are_in_the_manual():
    manual = (REPOSITORY / "deploy/README.md").read_text(encoding="utf-8")
    scalers = [each for (kind, _), each in rendered("kafka-demo-app", *EVERYTHING).items() if kind == "ScaledObject"]
    asked = set(re.findall(r"troupe_[a-z_]+(?=\{)", str(scalers)))
    assert asked and not [each for each in asked if f"`{each}`" not in manual]


def test_the_alarms_are_those_of_the_operators_manual_and_ask_only_of_the_release(tmp_path):
    manifests = rendered("kafka-demo-app", *EVERYTHING)
    rules = tmp_path / "rules.yml"
    rules.write_text(yaml.safe_dump(manifests["PrometheusRule", "shop"]["spec"]), encoding="utf-8")
    done = subprocess.run(["promtool", "check", "rules", str(rules)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

    def by_name(groups):
        return {each.get("alert") or each["record"]: each["expr"] for group in groups for each in group["rules"]}
    own = by_name(manifests["PrometheusRule", "shop"]["spec"]["groups"])
    folder = REPOSITORY / "deploy/observability/prometheus/rules"
    given = by_name(yaml.safe_load((folder / "alarms.yml").read_text(encoding="utf-8"))["groups"]
                    + yaml.safe_load((folder / "recording.yml").read_text(encoding="utf-8"))["groups"])
    assert len(given) > 50
    matchers = 'namespace="dev",job="shop"'
    # Without what confines them to the release they are the same.
    assert {name: expr.replace(f"{{{matchers},", "{").replace(f"{{{matchers}}}", "").replace("by (namespace, job,", "by (job,")
            for name, expr in own.items()} == {name: expr.replace('{job=~"troupe.*"}', "") for name, expr in given.items()}
    metric = r"(?:\bup\b|\btroupe[_:][a-z0-9_:]+|\bgrpc_(?:server|client)_[a-z_]+|(?=\{[^}]*__name__))"
    for name, expr in own.items():
        found = re.findall(metric + r"(.{%d})" % (len(matchers) + 1), expr.replace("\n", " "))
        assert found and set(found) == {"{" + matchers}, f"{name} asks of other releases too"
    monitor = manifests["ServiceMonitor", "shop"]["spec"]
    assert monitor["jobLabel"] == "app.kubernetes.io/part-of" and monitor["endpoints"][0]["honorLabels"]


@pytest.mark.parametrize(("chart", "setting", "message"), [
    ("reference-platform", "services.service-a.replicas=two", "at '/services/service-a/replicas': got string, want integer"),
    ("reference-platform", "image.pulPolicy=Always", "at '/image': additional properties 'pulPolicy' not allowed"),
    ("reference-platform", "layout=many", "at '/layout': value must be one of 'services', 'one'"),
    ("reference-platform", "probes.liveness.periodSeconds=0", "at '/probes/liveness/periodSeconds': minimum: got 0, want 1"),
    ("reference-platform", "resources.limits.memory=much", "at '/resources/limits/memory': 'much' does not match pattern"),
    ("reference-platform", "env.MONGO_CONN=mongodb://u:p@h", "at '/env/MONGO_CONN': false schema"),
    ("kafka-demo-app", "kafka.brokers=b", "at '/kafka/brokers': 'b' does not match pattern"),
    ("kafka-client-msk", "image.tag=a b", "at '/image/tag': 'a b' does not match pattern"),
    ("reference-platform", "services.service-x.replicas=1", "services.service-x: the topology has no service of this name"),
    ("reference-platform", "rabbitmq.key=", 'layout: service-d and service-f share "service-d.greeting", which is embedded'),
    ("reference-platform", "terminationGracePeriodSeconds=50", "terminationGracePeriodSeconds: the steps of node.shutdown together take 53 s"),
    ("reference-platform", "image.repository=", "image.repository is missing"),
    ("troupe", "layout=services", "topology is missing: set it with --set-file topology=FILE"),
])
def test_a_wrong_value_is_refused_with_its_path(chart, setting, message):
    assert message in refusal(chart, "--set", setting)


def test_a_topology_that_the_pods_would_refuse_is_refused_before(tmp_path):
    topology = tmp_path / "t.yaml"
    for text, message in (
        (HELLO.replace("node: {grpc: {without-tls: anywhere}}", ""), "hello would serve gRPC on a network without TLS"),
        (HELLO + "  \n", None),
        ("services: [", "the topology topology is no YAML"),
        (HELLO.replace("node: {", "node: {shutdown: {drain: 5min}, "), "the steps of node.shutdown together take 323 s"),
        (HELLO.replace("node: {", "node: {store: sqlite, "), "mongodb.key: the topology has node.store or node.mongodb of its own"),
    ):
        topology.write_text(text, encoding="utf-8")
        arguments = ("--set-file", f"topology={topology}", "--set", "mongodb.key=m")
        if message is None:
            assert rendered("troupe", *arguments)
        else:
            assert message in refusal("troupe", *arguments)


def test_an_authors_own_program_needs_no_topology():
    manifests = rendered("troupe", "--set", "services.weather.args={serve,--port=8080},ports.http=8080")
    assert container(workloads(manifests)["weather"])["args"] == ["serve", "--port=8080"]
    assert not [kind for kind, _ in manifests if kind == "ConfigMap"]
    assert "services.weather.args is missing" in refusal("troupe", "--set", "services.weather.replicas=1")


def test_what_the_code_of_a_service_uses_is_said_beside_the_topology(tmp_path):
    topology = tmp_path / "shop.yaml"
    topology.write_text("services: {orders: {}, stock: {}, shipping: {}}\nnode: {grpc: {without-tls: anywhere}}\n", encoding="utf-8")
    values = tmp_path / "values.yaml"
    values.write_text("services: {orders: {uses: [kafka, mongodb], calls: [stock]}, stock: {uses: [volume, grpc]}, shipping: {uses: [rabbitmq]}}\n"
                      "mongodb: {key: mongodb.conn}\nrabbitmq: {key: rabbitmq.conn}\nkafka: {brokers: 'broker:9096', key: kafka.json}\n",
                      encoding="utf-8")
    arguments = ("--values", str(values), "--set-file", f"topology={topology}")
    manifests = rendered("troupe", *arguments)
    made = workloads(manifests)
    assert {name: each["kind"] for name, each in made.items()} == {"orders": "Deployment", "stock": "StatefulSet", "shipping": "Deployment"}

    def secrets(name):
        sources = [source for each in made[name]["spec"]["template"]["spec"]["volumes"] for source in each.get("projected", {}).get("sources", [each])]
        return sorted(item["key"] for each in sources if "secret" in each for item in each["secret"].get("items", []))
    assert secrets("orders") == ["kafka.json", "mongodb.conn"] and secrets("shipping") == ["rabbitmq.conn"] and secrets("stock") == []
    env = {each["name"]: each.get("value") for each in container(made["orders"])["env"]}
    assert env["STOCK_URL"] == "dns:///stock:50051" and env["KAFKA_BROKERS"] == "broker:9096"
    assert "--grpc=:50051" in container(made["stock"])["args"] and "--grpc=:50051" not in container(made["orders"])["args"]
    assert "/etc/troupe/connection-mongodb.yaml" in container(made["orders"])["args"]
    ingress = yaml.safe_dump(manifests["NetworkPolicy", "stock"]["spec"]["ingress"])
    assert "app.kubernetes.io/name: orders" in ingress and "port: grpc" in ingress
    assert "services.orders.uses: nothing says where mongodb is; set mongodb.key" in refusal("troupe", *arguments, "--set", "mongodb.key=")
    assert "services.orders.calls: there is no service stcok in the topology" in refusal("troupe", *arguments, "--set", "services.orders.calls={stcok}")
    assert "at '/services/orders/uses/0': value must be one of" in refusal("troupe", *arguments, "--set", "services.orders.uses={mongo}")


def test_the_values_of_a_new_project_run_it_in_one_pod(tmp_path):
    made = run_once("new", str(tmp_path / "my_notes"))
    assert made.returncode == 0, made.stderr
    manifests = rendered("troupe", "--values", str(tmp_path / "my_notes/chart/values.yaml"), "--set", "image.repository=registry.example/my_notes",
                         "--set-file", f"topology={tmp_path / 'my_notes/topologies/one.yaml'}")
    (kind, _), workload = next(each for each in manifests.items() if each[0][0] in ("Deployment", "StatefulSet"))
    assert kind == "StatefulSet" and container(workload)["image"] == "registry.example/my_notes:0.1.0"
