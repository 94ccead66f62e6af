"""The listeners of the real program: addresses, hosts, and clients that are entitled to odd manners."""

import ctypes
import json
import re
import socket
import struct

import pytest

from driver.ports import free_ports
from driver.program import run_once


def ask(where, request, then=lambda client: None):
    """What the server says to `request`, to the end of the connection; `then` is done to the client before."""
    host, port = where.rsplit(":", 1)
    with socket.create_connection((host.strip("[]"), int(port)), timeout=15) as client:
        client.sendall(request)
        then(client)
        answer = b""
        while chunk := client.recv(65536):
            answer += chunk
    return answer


def get(path, *headers, host="localhost"):
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: close", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def without_ipv6():
    """Makes socket(AF_INET6, ...) fail as a kernel without IPv6 does, for this process and those that it becomes."""
    load, equal, give = 0x20, 0x15, 0x06
    socket_call, refused, allowed = 41, 0x00050000 | 97, 0x7FFF0000  # x86-64; EAFNOSUPPORT
    rules = [(load, 0, 0, 0), (equal, 0, 3, socket_call), (load, 0, 0, 16), (equal, 0, 1, socket.AF_INET6), (give, 0, 0, refused),
             (give, 0, 0, allowed)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *rule) for rule in rules))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(rules), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(38, 1, 0, 0, 0) == 0  # PR_SET_NO_NEW_PRIVS
    assert libc.prctl(22, 2, program) == 0  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER


def test_an_address_that_is_left_out_is_every_address_of_both_families(start):
    [port] = free_ports(1)
    start(http=f":{port}")
    assert b" 200 OK" in ask(f"127.0.0.1:{port}", get("/livez"))
    assert b" 200 OK" in ask(f"[::1]:{port}", get("/livez"))


def test_where_the_system_has_no_ipv6_it_is_every_ipv4_address(start):
    [port] = free_ports(1)
    start(http=f":{port}", preexec=without_ipv6)
    assert b" 200 OK" in ask(f"127.0.0.1:{port}", get("/livez"))


def test_the_administration_of_a_network_is_asked_by_any_name_with_the_token(start, tmp_path):
    file = tmp_path / "hosts.yaml"
    file.write_text("services: {a: {greeter: {greeting: Hi}}}\nnode: {admin-hosts: admin.example}\n")
    [port, other] = free_ports(2)
    token = {"TROUPE_ADMIN_TOKEN": "hush"}
    with_token = ("Authorization: Bearer hush",)
    start(admin=f"0.0.0.0:{port}", env=token)
    for host in ("10.0.0.7:8081", "admin.example", "troupe.default.svc"):
        assert b" 200 OK" in ask(f"127.0.0.1:{port}", get("/tree", *with_token, host=host))
        assert b" 401 " in ask(f"127.0.0.1:{port}", get("/tree", host=host))
    result = run_once("dead-letters", "list", "--admin", f"0.0.0.0:{port}", env=token)
    assert (result.returncode, result.stdout) == (0, "no dead letters\n")
    start(str(file), admin=f":{other}", env=token, data=tmp_path / "other")
    assert b" 200 OK" in ask(f"127.0.0.1:{other}", get("/tree", *with_token, host="admin.example"))
    assert b" 403 " in ask(f"127.0.0.1:{other}", get("/tree", *with_token, host="10.0.0.7"))


def test_the_administration_answers_probes_of_every_host(start):
    program = start()
    for path in ("/livez", "/readyz"):
        assert b" 200 OK" in ask(program.admin, get(path, host="10.0.0.7:8081"))


@pytest.mark.parametrize("path", ["/api/v1/greeting", "/api/greeting", "/api/ping", "/api/health", "/livez", "/readyz", "/metrics",
                                  "/openapi.json", "/api/status/404", "/api/request-echo", "/nothing"])
def test_a_client_that_ends_its_half_after_its_request_is_answered(start, path):
    program = start()
    answer = ask(program.http, f"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n".encode(), lambda client: client.shutdown(socket.SHUT_WR))
    assert answer.startswith(b"HTTP/1.1 ") and b"\r\n\r\n" in answer
    assert answer.startswith(b"HTTP/1.1 404 " if path in ("/nothing", "/api/status/404") else b"HTTP/1.1 200 ")


def test_a_subscriber_that_ends_its_half_is_reported_on_and_one_that_leaves_is_gone(start):
    program = start()

    def subscribe():
        host, port = program.admin.rsplit(":", 1)
        client = socket.create_connection((host, int(port)), timeout=15)
        client.sendall(b"GET /tree/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return client

    with subscribe() as client:
        client.shutdown(socket.SHUT_WR)
        result = b""
        while b": heartbeat" not in result:  # what finds out whether it has left
            result += client.recv(65536)
        assert b"event: tree" in result
    for _ in range(40):  # more than there is room for at a time
        with subscribe() as client:
            assert client.recv(12) == b"HTTP/1.1 200"


def test_an_empty_line_before_a_request_is_skipped(start):
    program = start()
    assert b" 200 OK" in ask(program.http, b"\r\n" + get("/api/v1/greeting"))
    twice = ask(program.http, b"POST /api/request-echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi\r\n" + get("/livez"))
    assert len(re.findall(rb"HTTP/1.1 200 OK", twice)) == 2


@pytest.mark.parametrize("lines", [b"A: 1\r\n B\r\n", b"A:\r\n\tB\r\n", b" A: 1\r\n", b"A: 1\r\n \r\n"], ids=range(4))
def test_a_folded_header_line_is_a_bad_request(start, lines):
    program = start()
    assert ask(program.http, b"GET /livez HTTP/1.1\r\nHost: h\r\n" + lines + b"\r\n").startswith(b"HTTP/1.1 400 ")


def test_no_page_that_is_not_listed_sends_credentials(start, tmp_path):
    def allowed(program, origin):
        headers = program.get("/api/v1/greeting", {"Origin": origin}).headers
        return headers["Access-Control-Allow-Origin"], headers["Access-Control-Allow-Credentials"]

    everybody = start()
    for origin in ("https://evil.example", "null"):
        assert allowed(everybody, origin) == ("*", None)
    listed = start(env={"ALLOWED_ORIGINS": "https://*.example.org"}, data=tmp_path / "listed")
    assert allowed(listed, "https://ui.example.org") == ("https://ui.example.org", "true")
    for origin in ("https://example.org", "https://evil.org", "null", "http://ui.example.org"):
        assert allowed(listed, origin) == (None, None)


@pytest.mark.parametrize("listed, right", [("https://UI.example.org", "https://ui.example.org"),
                                           ("https://ui.example.org/", "https://ui.example.org"),
                                           ("https://ui.example.org:443", "https://ui.example.org"),
                                           ("http://ui.example.org:80", "http://ui.example.org")])
def test_an_origin_that_can_never_match_is_refused_with_its_right_form(tmp_path, listed, right):
    result = run_once("run", "--data", str(tmp_path), env={"ALLOWED_ORIGINS": listed})
    assert result.returncode == 2 and f'did you mean "{right}"?' in result.stderr and len(result.stderr.splitlines()) == 1


def test_an_origin_of_a_file_is_refused_with_its_position(tmp_path):
    file = tmp_path / "t.yaml"
    file.write_text("services: {a: {greeter: {greeting: Hi}}}\n"
                    "node:\n  allowed-origins: ['https://ui.example.org', ' https://b.example']\n")
    result = run_once("check", str(file))
    assert result.returncode == 2 and result.stderr.startswith(f"{file}:3:") and 'did you mean "https://b.example"?' in result.stderr


def test_the_edge_is_said_to_listen_where_it_does(start):
    [port] = free_ports(1)
    program = start(http=f":{port}")
    assert any(f"listening on [::]:{port}" in json.loads(line)["msg"] for line in program.lines)
