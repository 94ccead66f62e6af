"""The reference platform as separate processes: the same answers, effects and semantics as in one."""

import http.server
import json
import pathlib
import signal
import socket
import subprocess
import threading
import time

import pytest

from driver.cluster import Cluster, cluster
from driver.ports import free_ports
from driver.program import PROGRAM, clean_environment, eventually, run_once, running
from driver.reference import POST_ORDER, PRE_ORDER, TEXTS
from driver.stored import documents

PROJECT = pathlib.Path(__file__).parent.parent.parent
BOTH = pytest.mark.parametrize("over", ["grpc", "http"])


def services(greetings):
    return [one["service"] for one in greetings]


@pytest.fixture(scope="module", params=["grpc", "http"])
def platform(request, tmp_path_factory):
    with cluster(tmp_path_factory.mktemp(request.param), over=request.param) as made:
        yield made


def grpcurl(*arguments, address=None, check=True):
    result = subprocess.run(["grpcurl", "-plaintext", *arguments[:-1], address, arguments[-1]] if address
                          else ["grpcurl", *arguments], capture_output=True, text=True, timeout=30, check=False)
    assert result.returncode == 0 or not check, result.stderr
    return result


def test_the_answer_is_that_of_one_process(platform):
    answer = platform.greet()
    assert answer.status == 200 and "troupe-missing" not in answer.headers
    greetings = answer.json()["greeting"]
    assert services(greetings) == PRE_ORDER
    assert {one["service"]: one["message"] for one in greetings} == TEXTS
    assert len({one["id"] for one in greetings}) == 7


def test_each_form_keeps_its_order_from_every_service_on(platform):
    assert services(platform.gateway.get("/api/ping").json()) == POST_ORDER
    b = platform.running["service-b"]
    assert services(b.get("/api/greeting").json()) == ["Service-D", "Service-G", "Service-H", "Service-E", "Service-B"]
    assert services(b.get("/api/v1/greeting").json()["greeting"]) == ["Service-B", "Service-D", "Service-E", "Service-G", "Service-H"]


def test_effects_happen_where_the_service_runs_and_d_reaches_f_through_the_queue(platform):
    files = platform.files()
    ids = {one["service"]: one["id"] for one in platform.greet().json()["greeting"]}
    for letter in "cgh":
        name = f"Service-{letter.upper()}"
        assert ids[name] in documents(files[name], f"service-{letter}", "greetings")
    eventually(lambda: ids["Service-D"] in documents(files["Service-D"], "service-f", "messages"), awaited="D's greeting in F")


def test_a_call_repeated_under_its_id_has_its_effects_once_in_every_process(platform):
    call = {"troupe-call-id": "0b9b2f0e-2f6f-4d0c-9d7e-0d2f5a6c7b8a"}
    first, again = (platform.greet(headers=call).json()["greeting"] for _ in range(2))
    assert [one["id"] for one in first] == [one["id"] for one in again]


def test_the_trace_is_that_of_the_caller_in_every_process(platform):
    trace = "0af7651916cd43dd8448eb211c80319c"
    answer = platform.greet(headers={"x-b3-traceid": trace, "x-b3-spanid": "b7ad6b7169203331", "x-b3-sampled": "1",
                                     "x-request-id": "my-request"})
    assert answer.headers["x-request-id"] == "my-request"
    seen = []

    class peer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):  # noqa: N802: the library's name
            seen.append(dict(self.headers))
            body = b"[]\n"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), peer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        with running(platform.folder / "traced", "--service", "service-e",
                     env={"SERVICE_G_URL": url, "SERVICE_H_URL": url}) as e:
            e.get("/api/greeting", headers={"x-b3-traceid": trace, "x-b3-spanid": "b7ad6b7169203331", "x-b3-sampled": "1",
                                            "x-request-id": "my-request", "x-ot-span-context": "kept"})
        server.shutdown()
    assert len(seen) == 2
    for headers in seen:
        result = {name.lower(): value for name, value in headers.items()}
        assert result["x-b3-traceid"] == trace and result["x-b3-sampled"] == "1" and result["x-request-id"] == "my-request"
        assert result["x-ot-span-context"] == "kept" and result["traceparent"].startswith(f"00-{trace}-")


def test_grpcurl_calls_lists_and_checks_the_health_of_a_service(platform):
    address = platform.grpc["service-h"]
    assert {"greeting.GreetingService", "greeting.v3.GreetingService", "grpc.health.v1.Health"} <= set(
        grpcurl("list", address=address).stdout.split())
    for package in ("greeting", "greeting.v3"):
        [one] = json.loads(grpcurl(f"{package}.GreetingService/Greeting", address=address).stdout)["greeting"]
        assert one["service"] == "Service-H" and one["created"].endswith(" +0000 UTC")

    for name in ("", "greeting.GreetingService", "greeting.v3.GreetingService"):
        eventually(lambda name=name: health(address, name) == "SERVING", awaited=f"health of '{name}'")


def health(address, service=""):
    """What the health service says of a service."""
    result = grpcurl("-import-path", str(pathlib.Path(__file__).parent), "-proto", "health.proto", "-d",
                   json.dumps({"service": service}), "grpc.health.v1.Health/Check", address=address)
    return json.loads(result.stdout)["status"]


def test_a_process_that_was_asked_to_end_says_so_over_grpc_while_it_still_serves(tmp_path):
    file = tmp_path / "patient.yaml"
    file.write_text("services:\n  h: {greeter: {greeting: Ciao}}\nnode:\n  shutdown: {announce: 1min}\n")
    [port] = free_ports(1)
    address = f"127.0.0.1:{port}"
    with running(tmp_path / "h", str(file), "--service", "h", "--grpc", address) as h:
        eventually(lambda: health(address) == "SERVING", awaited="readiness over gRPC")
        h.process.send_signal(signal.SIGTERM)
        eventually(lambda: health(address) == "NOT_SERVING", awaited="the announcement")
        assert "Ciao" in grpcurl("greeting.GreetingService/Greeting", address=address).stdout


def test_grpcurl_sees_pre_order_and_the_callers_greeting_of_v3_is_taken(platform):
    address = platform.grpc["service-b"]
    result = json.loads(grpcurl("-d", '{"greeting": {"id": "x", "service": "caller"}}', "greeting.v3.GreetingService/Greeting",
                              address=address).stdout)
    assert services(result["greeting"]) == ["Service-B", "Service-D", "Service-E", "Service-G", "Service-H"]


def test_the_api_description_is_valid_and_has_the_route_that_is_answered(platform):
    from openapi_spec_validator import validate
    result = platform.gateway.get("/openapi.json").json()
    validate(result)
    assert list(result["paths"]) == ["/api/v1/greeting"]
    assert platform.gateway.get(next(iter(result["paths"]))).status == 200


def test_memory_of_each_process_stays_small(platform):
    for _ in range(200):
        platform.greet()
    for name, program in platform.running.items():
        assert program.anonymous_memory() < 40e6, name


@BOTH
def test_a_service_starts_without_those_it_calls_answers_partially_and_recovers(tmp_path, over):
    made = Cluster(tmp_path, over=over)
    try:
        made.start("service-rev-proxy")
        refused = made.greet()
        assert refused.status == 503 and refused.json()["code"] in ("not_sent", "unavailable", "breaker_open")
        made.start("service-a")
        answer = eventually(lambda: (got := made.greet()).status == 200 and got, within=30, awaited="A's own greeting")
        assert services(answer.json()["greeting"]) == ["Service-A"]
        missing = answer.headers["troupe-missing"]
        assert "service-b;part=greeting" in missing and "service-c;part=greeting" in missing
        made.start("service-b", "service-c", "service-d", "service-e", "service-g", "service-h")
        assert services(made.wait_until_complete().json()["greeting"]) == PRE_ORDER
    finally:
        made.kill()


def test_one_of_the_http_platforms_services_may_stand_in_for_ours(tmp_path):
    class service_e(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):  # noqa: N802: the library's name
            greetings = [{"id": str(n), "service": f"Reference-{n}", "message": "Hi", "created": "2019-04-16T04:23:16.5+02:00"}
                         for n in range(3)]
            body = json.dumps(greetings, separators=(",", ":")).encode() + b"\n"
            self.send_response(200)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), service_e) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with cluster(tmp_path, "service-d", "service-b",
                     env={"SERVICE_E_URL": f"http://127.0.0.1:{server.server_port}/api/ping"}) as made:
            b = made.running["service-b"]
            reference = ["Reference-0", "Reference-1", "Reference-2"]  # its own order, whatever ours is
            assert services(b.get("/api/greeting").json()) == ["Service-D", *reference, "Service-B"]
            greetings = b.get("/api/v1/greeting").json()["greeting"]
            assert services(greetings) == ["Service-B", "Service-D", *reference]
            assert greetings[2]["created"] == "2019-04-16T02:23:16.5Z"
        server.shutdown()


def test_a_gateway_of_2021_answers_in_its_form_where_that_platform_does_and_names_the_hosts_of_other_processes(tmp_path):
    file = PROJECT / "deploy/topologies/reference-2021.yaml"
    [a] = free_ports(1)
    with running(tmp_path / "a", str(file), "--service", "service-c", "--grpc", f"127.0.0.1:{a}"), \
         running(tmp_path / "gateway", str(file), "--service", "service-rev-proxy",
                 env={"SERVICE_A_URL": f"127.0.0.1:{a}"}) as gateway:
        for path in ("/api/greeting", "/api/v1/greeting"):
            [greeting] = gateway.get(path).json()["greeting"]
            assert greeting["service"] == "Service C" and greeting["hostname"] == socket.gethostname()
        assert services(gateway.get("/api/ping").json()) == ["Service C"]
        assert list(gateway.get("/openapi.json").json()["paths"]) == ["/api/greeting"]


def test_calls_go_over_tls_with_certificates_of_both_ends(tmp_path):
    make_certificates(tmp_path)
    server = {"certificate": "server.pem", "key": "server.key", "authorities": "ca.pem"}
    file = tmp_path / "tls.yaml"

    def path(name):
        return str(tmp_path / name)
    file.write_text(f"""services:
  a: {{greeter: {{greeting: A, calls: b}}}}
  b: {{greeter: {{greeting: B}}}}
node:
  grpc:
    tls: {{certificate: {path(server["certificate"])}, key: {path(server["key"])}, authorities: {path("ca.pem")}}}
  peer-tls: {{certificate: {path("client.pem")}, key: {path("client.key")}, authorities: {path("ca.pem")}}}
""")
    ports = [f"127.0.0.1:{port}" for port in free_ports(2)]
    with running(tmp_path / "b", str(file), "--service", "b", "--grpc", ports[0]), \
         running(tmp_path / "a", str(file), "--service", "a", "--grpc", ports[1],
                 env={"B_URL": f"grpcs://localhost:{ports[0].rsplit(':', 1)[1]}"}) as a:
        answer = a.get("/api/greeting")
        assert services(answer.json()) == ["b", "a"], answer.headers
        with_certificate = ["-cacert", path("ca.pem"), "-cert", path("client.pem"), "-key", path("client.key"), "-servername",
                            "localhost", ports[0], "greeting.GreetingService/Greeting"]
        assert "B" in grpcurl(*with_certificate).stdout
        without = grpcurl("-cacert", path("ca.pem"), "-servername", "localhost", "-max-time", "3", ports[0],
                          "greeting.GreetingService/Greeting", check=False)
        assert without.returncode != 0


def make_certificates(folder, days=30):
    """An authority, and certificates of a server called localhost and of a client."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out",
            "ca.pem", "-days", "30", "-subj", "/CN=test authority")
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    for name in ("server", "client"):
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key", "-out",
                f"{name}.csr", "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", str(days),
                "-extfile", "names", "-out", f"{name}.pem")


def test_tls_files_that_cannot_be_read_are_named_at_the_start(tmp_path):
    file = tmp_path / "tls.yaml"
    file.write_text(f"services: {{a: {{greeter: {{greeting: A}}}}}}\nnode:\n  grpc:\n    listen: 127.0.0.1:0\n"
                    f"    tls: {{certificate: {tmp_path}/none.pem, key: {tmp_path}/none.key}}\n")
    result = run_once("run", str(file), "--data", str(tmp_path / "data"), "--http", "127.0.0.1:0", "--admin", "127.0.0.1:0")
    assert result.returncode == 1 and f"{tmp_path}/none" in result.stderr and len(result.stderr.splitlines()) == 1


def test_files_for_calls_over_tls_that_cannot_be_used_are_named_at_the_start(tmp_path):
    file = tmp_path / "tls.yaml"
    file.write_text("services:\n  a: {greeter: {greeting: A, calls: b}}\n"
                    "  b: {address: \"grpcs://localhost:1\", greeter: {greeting: B}}\n"
                    f"node:\n  peer-tls: {{authorities: {tmp_path}/none.pem}}\n")
    result = run_once("run", str(file), "--service", "a", "--data", str(tmp_path / "data"), "--http", "127.0.0.1:0", "--grpc",
                    "127.0.0.1:0", "--admin", "127.0.0.1:0")
    assert result.returncode == 1 and f"{tmp_path}/none.pem" in result.stderr and len(result.stderr.splitlines()) == 1


def test_the_local_cluster_starts_prints_its_addresses_and_ends_on_ctrl_c(tmp_path):
    port, *_others = free_ports(30)
    with subprocess.Popen([PROJECT / "deploy/run-local-cluster", "--port", str(port), "--data", tmp_path],
                          env=clean_environment({"TROUPE_PROGRAM": PROGRAM}), stdout=subprocess.PIPE, text=True) as script:
        try:
            lines = []
            for line in script.stdout:
                lines.append(line)
                if "Ctrl-C" in line:
                    break
            assert any(f"http://127.0.0.1:{port}/api/v1/greeting" in line for line in lines), lines
            result = subprocess.run(["curl", "-s", f"http://127.0.0.1:{port}/api/v1/greeting"], capture_output=True, text=True,
                                  check=True).stdout
            assert services(json.loads(result)["greeting"]) == PRE_ORDER
            script.send_signal(signal.SIGINT)
            began = time.monotonic()
            assert script.wait(60) == 0, script.stdout.read()
            assert time.monotonic() - began < 30
        finally:
            if script.poll() is None:
                script.terminate()
    for log in tmp_path.glob("*.log"):
        assert '"ended"' in log.read_text(), log
