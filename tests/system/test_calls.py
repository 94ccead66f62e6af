"""Calls between services: whose fault a failure is, how much of a caller's context goes on, where a name leads, and how many
connections a server takes."""

import contextlib
import gzip
import http.server
import itertools
import os
import pathlib
import re
import resource
import socket
import struct
import subprocess
import threading
import time

import pytest

from driver import http2
from driver.cluster import cluster
from driver.ports import free_ports
from driver.program import eventually, running
from driver.stored import documents

E = ("--service", "service-e", "--grpc", "127.0.0.1:0")
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(scope="module", params=["grpc", "http"])
def platform(request, tmp_path_factory):
    with cluster(tmp_path_factory.mktemp(request.param), over=request.param) as made:
        made.wait_until_complete()
        yield made


def check_complete(platform):
    """Everybody is answered whole, at once."""
    answer = platform.greet()
    assert answer.status == 200 and "troupe-missing" not in answer.headers, dict(answer.headers)


def grpcurl(address, *options, call="greeting.GreetingService/Greeting"):
    return subprocess.run(["grpcurl", "-plaintext", "-max-time", "10", *options, address, call], capture_output=True, text=True,
                          timeout=30, check=False)


def test_callers_with_little_time_darken_nothing_for_the_others(platform):
    for timeout in ["50500u"] * 30 + [f"{50_000 + 20 * n}u" for n in range(100)] + ["300u"] * 10 + ["101m"] * 10:
        platform.greet(headers={"troupe-timeout": timeout})
    check_complete(platform)
    for name in ("service-rev-proxy", "service-a", "service-b", "service-e"):
        assert platform.running[name].metric("troupe_outbound_breaker_state") == 0, name


def test_callers_who_leave_darken_nothing_for_the_others(platform):
    host, port = platform.gateway.http.split(":")
    for _ in range(30):
        with socket.create_connection((host, int(port))) as caller:
            caller.sendall(b"GET /api/v1/greeting HTTP/1.1\r\nHost: a\r\n\r\n")
    check_complete(platform)


def test_a_trace_larger_than_the_next_hop_reads_is_cut_and_darkens_nothing(platform):
    def state(size):
        entries = itertools.takewhile(lambda entry: len(entry[1]) <= size, itertools.accumulate(
            itertools.count(), lambda before, n: (n, f"{before[1]},k{n}={'v' * 40}"), initial=(0, "k=v")))
        return list(entries)[-1][1]

    for headers in ({"tracestate": state(4000), "x-ot-span-context": "o" * 4090},
                    {"tracestate": state(7900), "x-ot-span-context": "o" * 4096, "x-request-id": "r" * 2500},
                    {"tracestate": "k=" + "v" * 7000}, {"x-request-id": "r" * 4096, "x-ot-span-context": "o" * 4096}):
        for _ in range(6):
            answer = platform.greet(headers={"traceparent": PARENT, **headers})
            assert answer.status == 200 and "troupe-missing" not in answer.headers
    check_complete(platform)


def test_metadata_that_fills_what_a_server_reads_is_cut_for_the_next_and_darkens_nothing(platform):
    for size in range(7000, 8200, 100):
        grpcurl(platform.grpc["service-a"], "-H", "x-large: " + "f" * size, "-H", "authorization: nobody")
    check_complete(platform)
    result = grpcurl(platform.grpc["service-a"], "-H", "x-large: " + "f" * 7000)
    assert result.returncode == 0 and result.stdout.count('"service"') == 7, result.stderr


class Peer(http.server.BaseHTTPRequestHandler):
    """Knows no greeting, and remembers what it was asked with."""

    seen = []
    takes, answer = 0, (404, b"")

    def do_GET(self):  # noqa: N802: the library's name
        self.seen.append({name.lower(): value for name, value in self.headers.items()})
        time.sleep(self.takes)
        self.send_response(self.answer[0])
        self.send_header("Content-Length", str(len(self.answer[1])))
        self.end_headers()
        self.wfile.write(self.answer[1])

    def log_message(self, *_):
        pass


class SlowPeer(Peer):
    """Answers, in a third of a second."""

    seen, takes, answer = [], 0.3, (200, b"[]\n")


@contextlib.contextmanager
def asking(kind, data):
    """A service E that asks such peers."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        with running(data, *E, env={"SERVICE_G_URL": url, "SERVICE_H_URL": url}) as e:
            yield e
        server.shutdown()


def test_callers_with_less_time_than_a_peer_takes_darken_nothing_for_the_others(tmp_path):
    with asking(SlowPeer, tmp_path) as e:
        for timeouts in (["200m"] * 6, ["5S"], ["200m"] * 6):
            for timeout in timeouts:
                e.get("/api/greeting", headers={"troupe-timeout": timeout})
            answer = e.get("/api/greeting")
            assert answer.status == 200 and "troupe-missing" not in answer.headers, dict(answer.headers)


def test_what_a_peer_lacks_is_logged_and_its_caller_passes_on_the_newest_of_a_trace(tmp_path):
    with asking(Peer, tmp_path) as e:
        states = [f"k{n}={'v' * 40}" for n in range(100)]
        answer = e.get("/api/greeting", headers={"traceparent": PARENT, "tracestate": ",".join(states), "x-b3-flags": "0"})
        assert answer.status == 200 and "troupe-missing" in answer.headers
        for peer in ("service-g", "service-h"):
            eventually(lambda peer=peer: any(f"a call of {peer} failed: not_found" in line for line in e.lines), awaited="a line")
    result = Peer.seen[0]
    assert 512 <= len(result["tracestate"]) <= 2048
    assert ",".join(states).startswith(result["tracestate"] + ",")
    assert result["x-b3-flags"] == "0"


def test_descriptors_are_left_for_probes_and_administration_and_grpc_accepts_again(tmp_path):
    [port] = free_ports(1)
    few = {"preexec": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))}
    with running(tmp_path, "--service", "service-h", "--grpc", f"127.0.0.1:{port}", **few) as h:
        clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(125)]
        eventually(lambda: h.metric("troupe_grpc_connections_refused_total", reason="connection_bound") > 0, awaited="a refusal")
        assert h.get("/readyz").status == 200 and h.ask_admin("/tree").status == 200
        for client in clients:
            client.close()
        eventually(lambda: grpcurl(h.grpc).returncode == 0, within=10, awaited="a call")


def test_a_listener_that_ran_out_of_descriptors_accepts_again(tmp_path):
    [port] = free_ports(1)
    with running(tmp_path, "--service", "service-h", "--grpc", f"127.0.0.1:{port}") as h:
        pid = h.process.pid
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        none_left = max(int(each) for each in os.listdir(f"/proc/{pid}/fd")) + 1
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (none_left, before[1]))
        clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(125)]
        eventually(lambda: any("a connection could not be accepted" in line for line in h.lines), awaited="a line")
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        for client in clients:
            client.close()
        eventually(lambda: grpcurl(h.grpc).returncode == 0, within=10, awaited="a call")


def test_calls_within_a_cluster_use_no_proxy_unless_configured(tmp_path):
    nowhere = "http://127.0.0.1:9"
    proxied = {"http_proxy": nowhere, "https_proxy": nowhere, "grpc_proxy": nowhere}
    result = tmp_path / "given.yaml"
    result.write_text("node: {outbound: {proxy: environment}}\n")
    reference = pathlib.Path(__file__).parents[2] / "deploy/topologies/reference-2019.yaml"
    with running(tmp_path / "g", "--service", "service-g", "--grpc", "127.0.0.1:0") as g:
        env = {**proxied, "SERVICE_G_URL": f"grpc://{g.grpc}", "SERVICE_H_URL": f"http://{g.http}"}
        with running(tmp_path / "e", *E, env=env) as e:
            assert "troupe-missing" not in e.get("/api/greeting").headers
        with running(tmp_path / "p", str(reference), str(result), *E, env=env) as e:
            assert "service-g" in e.get("/api/greeting").headers["troupe-missing"]


def test_a_name_is_looked_up_again_and_no_call_is_cut(tmp_path):
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 localhost\n127.0.0.2 peer.test\n")
    grpc, edge = free_ports(2)
    private = ("unshare", "-m" if os.geteuid() == 0 else "-rm", "sh", "-c", f'mount --bind {hosts} /etc/hosts && exec "$@"', "sh")
    if subprocess.run([*private, "true"], check=False).returncode != 0:
        pytest.skip("this machine gives nobody a view of files of his own (mount namespaces)")

    def peer(address, greeting):
        return running(tmp_path / greeting, "--service", "service-g", "--grpc", f"{address}:{grpc}", http=f"{address}:{edge}",
                       env={"GREETING": greeting})

    env = {"SERVICE_G_URL": f"grpc://peer.test:{grpc}", "SERVICE_H_URL": f"http://peer.test:{edge}"}
    with peer("127.0.0.2", "first"), peer("127.0.0.3", "second"), \
            running(tmp_path / "e", *E, env=env, wrapper=private) as e:
        def asked():
            answer = e.get("/api/greeting")
            assert "troupe-missing" not in answer.headers
            return [one["message"] for one in answer.json()][:2]

        assert asked() == ["first", "first"]
        hosts.write_text("127.0.0.1 localhost\n127.0.0.2 peer.test\n127.0.0.3 peer.test\n")
        seen = [set(), set()]

        def all_seen():
            for one, message in zip(seen, asked(), strict=True):
                one.add(message)
            return all("second" in one for one in seen)

        eventually(all_seen, within=30, awaited="a call of the new address")
        hosts.write_text("127.0.0.1 localhost\n127.0.0.3 peer.test\n")
        eventually(lambda: all(asked() == ["second", "second"] for _ in range(6)), within=30, awaited="leaving the old address")


def test_what_stands_among_the_services_of_the_grpc_platform_writes_as_they_do(tmp_path):
    with running(tmp_path, "--reference", "grpc") as program:
        assert program.get("/api/v1/greeting").status == 200

        for database, collection in (("service-f", "messages"), ("service-c", "greetings")):
            kept = eventually(lambda d=database, c=collection: documents(program.file, d, c), awaited=f"a document of {database}")
            for body in kept.values():
                assert "servicename" not in body and body["service"] and body["created"].endswith(" +0000 UTC"), body


def call_compressed(address, message):
    """Sends a call whose message is compressed, by hand, and returns everything that is answered."""
    body = b"\1" + struct.pack(">I", len(message)) + message
    parts = [body[at:at + 16_000] for at in range(0, len(body), 16_000)]
    with http2.connection(address) as one:
        one.sendall(http2.call(1, grpc_encoding=b"gzip"))
        answered = b""
        with contextlib.suppress(ConnectionError):
            for number, each in enumerate(parts):
                one.sendall(http2.frame(http2.DATA, number == len(parts) - 1, 1, each))
        with contextlib.suppress(ConnectionError):
            while b"grpc-status" not in answered and (more := one.recv(65_536)):
                answered += more
    return answered


def test_a_compressed_message_is_refused_before_it_fills_the_memory(tmp_path):
    file = tmp_path / "one.yaml"
    file.write_text("services: {hello: {greeter: {greeting: hi}}}\nnode: {grpc: {listen: '127.0.0.1:0'}}\n")
    with running(tmp_path / "data", str(file)) as program:
        had = program.anonymous_memory()
        inflates_to = 900 * 1024 * 1024
        answered = call_compressed(program.grpc, gzip.compress(bytes(inflates_to), 9))
        assert b"Compression algorithm 'gzip' is disabled" in answered, answered[-300:]
        most = int(re.search(r"VmHWM:\s+(\d+) kB", pathlib.Path(f"/proc/{program.process.pid}/status").read_text())[1]) * 1024
        assert most - had < inflates_to / 4
        assert program.get("/api/greeting").status == 200
        assert program.end() == 0
