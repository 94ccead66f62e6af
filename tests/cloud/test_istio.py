"""deploy/istio: what it renders is valid by Istio's own types, and Istio's own control plane makes of it what it promises: shown
by a real Envoy in front of the real program."""

import json
import pathlib
import subprocess

import pytest
import yaml
from driver.mesh import GATEWAY, GRPC, HTTP, meshed, sent, workload
from driver.program import running

ROOT = pathlib.Path(__file__).parents[2]
CHART = ROOT / "deploy" / "istio"
TOPOLOGY = ROOT / "deploy" / "topologies" / "reference-2021.yaml"
SERVICES = yaml.safe_load(TOPOLOGY.read_text())["services"]
GOOGLEAPIS = "/usr/share/gocode/src/github.com/grpc-ecosystem/grpc-gateway/third_party/googleapis"
PAGE, API, UI = "https://ui.dev.example-api.com", "api.dev.example-api.com", "ui.dev.example-api.com"
# Tests of the mesh share one process of tests, and so one mesh.
IN_THE_MESH = pytest.mark.xdist_group("mesh")
# Who calls whom, from the topology.
CALLERS = {name: {caller for caller, of in SERVICES.items()
                  if name in of.get("greeter", {}).get("calls", []) or of.get("gateway") == name} for name in SERVICES}


def render(*options, namespace="dev"):
    return subprocess.run(["helm", "template", "mesh", str(CHART), "--namespace", namespace, *options], capture_output=True, text=True,
                          check=False)


def rendered(*options, namespace="dev"):
    """The objects, in the namespace of their release."""
    made = render(*options, namespace=namespace)
    assert made.returncode == 0, made.stderr
    objects = [one for one in yaml.safe_load_all(made.stdout) if one]
    for one in objects:
        one["metadata"].setdefault("namespace", namespace)
    return objects


def text_of(objects):
    return "\n---\n".join(yaml.safe_dump(one, allow_unicode=True) for one in objects)


def istios(objects):
    return text_of(one for one in objects if ".istio.io/" in one["apiVersion"])


def check(folder, objects):
    file = folder / "rendered.yaml"
    file.write_text(text_of(objects))
    return subprocess.run(["mesh", "check", str(file)], capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("options", [[], ["--values", CHART / "values-aws.yaml"], ["--values", CHART / "values-gcp.yaml"],
                                     ["--set", "environment=test", "--set", "allowedOrigins={https://other.example}"],
                                     ["--set", "metrics=null"]])
def test_each_resource_is_valid_by_its_publishers_types(tmp_path, options):
    objects = rendered(*map(str, options))
    done = check(tmp_path, objects)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{len(objects)} resources\n"


@pytest.mark.parametrize(("kind", "path", "value"), [
    ("VirtualService", ("http", 0, "mach"), []), ("DestinationRule", ("trafficPolicy", "tsl"), {}),
    ("AuthorizationPolicy", ("acton",), "ALLOW"), ("PeerAuthentication", ("mtls", "mode"), "STRIKT"),
    ("Gateway", ("servers", 0, "port", "protocol"), "HTPS"), ("NetworkPolicy", ("policyType",), ["Egress"]), ("ServiceEntry", ("resolution",), "DSN")])
def test_a_misspelt_field_or_value_is_found(tmp_path, kind, path, value):
    objects = rendered("--values", str(CHART / "values-gcp.yaml"))
    inner = next(one for one in objects if one["kind"] == kind and one["spec"])["spec"]
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    done = check(tmp_path, objects)
    assert done.returncode == 1 and kind in done.stderr, done.stderr


@pytest.mark.parametrize(("wrong", "named"), [
    ("domain=Example", "domain"), ("gateway.selektor=x", "selektor"), ("timeout=10m", "timeout"), ("edge.grpc=service-z", "service-z"),
    ("external.a.port=1", "external"), ("allowedOrigins={*}", "allowedOrigins")])
def test_a_wrong_value_is_refused_with_its_path(wrong, named):
    done = render("--set", wrong)
    assert done.returncode != 0 and named in done.stderr, done.stderr


def test_there_is_a_rule_of_each_kind_for_each_service():
    objects = rendered("--values", str(CHART / "values-aws.yaml"))
    names = {(one["kind"], one["metadata"]["name"]) for one in objects}
    assert {name for kind, name in names if kind == "DestinationRule"} == set(SERVICES)
    assert {name for kind, name in names if kind == "AuthorizationPolicy"} == {*SERVICES, "nobody"}
    assert {name for kind, name in names if kind == "VirtualService"} == {"ui", "api"}
    assert {name for kind, name in names if kind == "NetworkPolicy"} == {"mesh-control-plane", "mesh-gateway"}
    assert {name for kind, name in names if kind == "ServiceEntry"} == {"documentdb", "amazon-mq", "msk"}


def test_network_policies_add_what_the_proxies_need_and_no_more():
    policies = {one["metadata"]["name"]: one["spec"] for one in rendered() if one["kind"] == "NetworkPolicy"}
    names = policies["mesh-control-plane"]["podSelector"]["matchExpressions"][0]["values"]
    assert set(names) == set(SERVICES) and policies["mesh-control-plane"]["egress"][0]["ports"] == [{"port": 15012}]
    assert policies["mesh-gateway"]["podSelector"] == {"matchLabels": {"app.kubernetes.io/name": "service-a"}}
    assert not [one for one in rendered("--set", "networkPolicy=false") if one["kind"] == "NetworkPolicy"]


def test_dev_and_test_have_hosts_of_their_own():
    def hosts(environment):
        objects = rendered("--set", f"environment={environment}", namespace=environment)
        return {host for one in objects if one["kind"] == "VirtualService" for host in one["spec"]["hosts"]}
    assert hosts("dev") == {"ui.dev.example-api.com", "api.dev.example-api.com"}
    assert hosts("test") == {"ui.test.example-api.com", "api.test.example-api.com"}


def test_two_environments_share_a_gateway():
    objects = rendered() + rendered("--set", "environment=test", namespace="test")
    workloads = [{**workload(name, namespace), "name": name, "address": f"10.0.{number}.{which}"}
                 for which, namespace in enumerate(("dev", "test"), 1) for number, name in enumerate(SERVICES)]
    routes = sent(istios(objects), [*workloads, {**GATEWAY, "address": "10.1.0.1"}])["gateway"]["routes"]
    reached = {}
    for table in routes:
        for host in table["virtual_hosts"]:
            for route in host["routes"]:
                if "route" in route:
                    reached.setdefault(host["domains"][0], set()).add(route["route"]["cluster"].split(".")[1])
    assert reached == {f"{part}.{of}.example-api.com": {of} for part in ("ui", "api") for of in ("dev", "test")}


@pytest.fixture(scope="module")
def mesh(tmp_path_factory):
    folder = tmp_path_factory.mktemp("istio")
    settings = yaml.safe_load((CHART / "istiod.yaml").read_text())["meshConfig"]
    with running(folder / "data", str(TOPOLOGY), "--grpc", "127.0.0.1:0") as program, \
         meshed(folder / "mesh", istios(rendered()), list(SERVICES), program, settings) as made:
        yield made


def greetings(text):
    return [one["service"] for one in json.loads(text)["greeting"]]


@IN_THE_MESH
def test_rest_goes_through_the_gateway_and_a_sidecar(mesh):
    status, _, body = mesh.outside("GET", API, "/api/v1/greeting")
    assert status == 200 and greetings(body) == [f"Service {name}" for name in "ABDEGHC"]
    assert mesh.outside("GET", API, "/api/health")[2].strip() == '{"alive": true}'
    assert json.loads(mesh.outside("GET", API, "/openapi.json")[2])["openapi"].startswith("3.")


@IN_THE_MESH
def test_grpc_goes_through_the_gateway_and_a_sidecar(mesh):
    done = subprocess.run(["grpcurl", "-cacert", str(mesh.public.certificate), "-authority", API, "-servername", API, "-max-time", "10",
                           "-import-path", str(ROOT / "messages/values/proto"), "-import-path", GOOGLEAPIS, "-proto", "greeting.proto", "-d", "{}",
                           f"127.0.0.1:{mesh.https}", "greeting.GreetingService/Greeting"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert greetings(done.stdout) == [f"Service {name}" for name in "ABDEGHC"]


@IN_THE_MESH
def test_http_is_sent_to_https(mesh):
    status, headers, _ = mesh.plain(API, "/api/v1/greeting")
    assert status == 301 and headers["location"] == f"https://{API}/api/v1/greeting"


@IN_THE_MESH
def test_the_page_of_the_environment_may_call_with_credentials(mesh):
    status, headers, _ = mesh.outside("OPTIONS", API, "/api/v1/greeting", {
        "Origin": PAGE, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "content-type"})
    assert status == 200
    assert headers.get_all("access-control-allow-origin") == [PAGE]
    assert headers["access-control-allow-credentials"] == "true"
    assert "GET" in headers["access-control-allow-methods"].split(",")
    assert "content-type" in headers["access-control-allow-headers"].split(",")
    status, headers, _ = mesh.outside("GET", API, "/api/v1/greeting", {"Origin": PAGE})
    assert status == 200 and headers.get_all("access-control-allow-origin") == [PAGE]
    assert "troupe-missing" in headers["access-control-expose-headers"]


@IN_THE_MESH
def test_a_page_of_another_origin_gets_no_permission(mesh):
    _, headers, _ = mesh.outside("OPTIONS", API, "/api/v1/greeting", {
        "Origin": "https://other.example", "Access-Control-Request-Method": "GET"})
    assert headers["access-control-allow-origin"] is None
    _, headers, _ = mesh.outside("GET", API, "/api/v1/greeting", {"Origin": "https://other.example"})
    assert headers["access-control-allow-origin"] is None


@IN_THE_MESH
@pytest.mark.parametrize("path", ["/metrics", "/readyz", "/livez", "/api/metrics", "/metrics?x=1"])
def test_probes_and_metrics_are_hidden_from_outside(mesh, path):
    assert mesh.outside("GET", API, path)[0] == 404
    assert mesh.outside("GET", UI, path)[0] == 404


@IN_THE_MESH
def test_the_api_has_no_other_paths_and_the_page_has_its_own(mesh):
    status, _, body = mesh.outside("GET", API, "/")
    assert (status, body) == (404, ""), "the gateway itself answers"
    status, headers, _ = mesh.outside("GET", UI, "/")
    assert headers["content-type"], "the service behind answers"


@IN_THE_MESH
def test_an_unknown_host_is_not_served(mesh):
    with pytest.raises(OSError):
        mesh.outside("GET", "api.test.example-api.com", "/api/health", named=False)


@IN_THE_MESH
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_answers_its_callers_and_nobody_else(mesh, service):
    for caller in SERVICES:
        status, _, body = mesh.inside(caller, service, HTTP, "/api/health")
        if caller in CALLERS[service]:
            assert status == 200, (caller, service, status, body)
        else:
            assert (status, body) == (403, "RBAC: access denied"), (caller, service)


@IN_THE_MESH
@pytest.mark.parametrize("service", SERVICES)
def test_the_gateway_reaches_only_what_is_for_outside(mesh, service):
    for port in (HTTP, GRPC):
        status, _, body = mesh.inside("istio-ingress", service, port, "/api/health", namespace="istio-ingress")
        open_to_it = (service, port) in {("service-rev-proxy", HTTP), ("service-a", GRPC)}
        assert (body != "RBAC: access denied") == open_to_it, (service, port, status, body)


@IN_THE_MESH
def test_the_same_account_of_another_namespace_is_somebody_else(mesh):
    assert mesh.inside("service-a", "service-b", HTTP, "/api/health")[0] == 200
    assert mesh.inside("service-a", "service-b", HTTP, "/api/health", namespace="test")[0] == 403


@IN_THE_MESH
def test_monitoring_reads_metrics_and_nothing_else(mesh):
    assert "troupe_" in mesh.inside("prometheus", "service-f", HTTP, "/metrics", namespace="monitoring")[2]
    assert mesh.inside("prometheus", "service-f", HTTP, "/api/greeting", namespace="monitoring")[0] == 403
    assert mesh.inside("prometheus", "service-f", HTTP, "/metrics", namespace="monitoring", method="POST")[0] == 403
    assert mesh.inside("service-a", "service-f", HTTP, "/metrics")[0] == 403


@IN_THE_MESH
@pytest.mark.parametrize("service", ["service-a", "service-rev-proxy"])
def test_nothing_is_taken_without_encryption(mesh, service):
    with pytest.raises(OSError):
        mesh.inside(None, service, HTTP, "/api/health")


@IN_THE_MESH
def test_nothing_is_taken_from_a_stranger(mesh, tmp_path):
    stranger = type(mesh.authority)(tmp_path, "stranger")
    own = mesh.folder / "dev-service-x.pem"
    own.write_text(stranger.issue("service-x", names="subjectAltName=URI:spiffe://cluster.local/ns/dev/sa/service-a").read_text())
    with pytest.raises(OSError):
        mesh.inside("service-x", "service-b", HTTP, "/api/health")


@IN_THE_MESH
def test_the_mesh_repeats_no_call_between_services(mesh):
    for name, proxy in mesh.sent.items():
        for table in proxy["routes"]:
            for host in table["virtual_hosts"]:
                for route in host["routes"]:
                    policy = route.get("route", {}).get("retry_policy", {})
                    assert policy.get("num_retries", 0) == 0, (name, host["name"], policy)


def test_servers_outside_are_known_to_sidecars_of_the_namespace():
    objects = rendered("--values", str(CHART / "values-gcp.yaml"))
    workloads = [{**workload("service-c"), "address": "10.0.0.1"}, {**workload("other", "elsewhere"), "address": "10.0.0.2"}]
    proxies = sent(istios(objects), workloads)
    def ports(name):
        return {one["address"]["socket_address"]["port_value"] for one in proxies[name]["listeners"]}
    assert {27017, 5672} <= ports("service-c") and not {27017, 5672} & ports("other")
