"""Clients that are slow, many, or malicious disturb nobody but themselves."""

import contextlib
import os
import random
import resource
import socket
import subprocess
import threading
import time

import pytest

from driver import http2
from driver.program import eventually

E = ("--service", "service-e", "--grpc", "127.0.0.1:0")


def connect(program):
    host, port = program.http.rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=15)


@pytest.fixture
def many_files():
    """As many open files for the test itself as the system allows."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def with_the_limit_of_a_login():
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


@pytest.mark.usefixtures("many_files")
def test_two_thousand_idle_connections_are_cheap_and_the_others_are_served(start):
    program = start(preexec=with_the_limit_of_a_login)
    before = program.anonymous_memory()
    with contextlib.ExitStack() as stack:
        for _ in range(2000):
            stack.enter_context(connect(program))
        eventually(lambda: program.metric("troupe_http_connections") >= 2000, awaited="2,000 connections")
        assert program.get("/api/v1/greeting").status == 200
        each = (program.anonymous_memory() - before) / 2000
        print(f"{each:.0f} bytes of anonymous memory for each idle connection")
        assert each < 16 * 1024


def test_a_client_that_reads_nothing_holds_up_nobody(start):
    program = start()
    with connect(program) as slow:
        slow.settimeout(1)
        with contextlib.suppress(OSError):
            for _ in range(20_000):
                slow.sendall(b"GET /metrics HTTP/1.1\r\nHost: t\r\n\r\n")
        began = time.monotonic()
        for _ in range(50):
            assert program.get("/api/v1/greeting").status == 200
        assert time.monotonic() - began < 30


@pytest.mark.usefixtures("many_files")
def test_many_clients_that_pipeline_and_never_read_leave_slots_to_the_others(start):
    program = start()
    with contextlib.ExitStack() as stack:
        for _ in range(600):
            client = stack.enter_context(connect(program))
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.sendall(b"GET /api/v1/greeting HTTP/1.1\r\nHost: t\r\n\r\n" * 100)
        # Their first requests are over: from now on nobody waits for what they do not take.
        eventually(lambda: program.metric("troupe_http_requests_total", route="/api/v1/greeting") >= 1000, awaited="their first answers")
        for _ in range(20):
            began = time.monotonic()
            assert program.get("/livez").status == 200
            assert time.monotonic() - began < 2
            assert program.get("/api/v1/greeting").status == 200
            assert program.ask_admin("/livez").status == 200


@pytest.mark.usefixtures("many_files")
def test_answers_that_nobody_takes_hold_bounded_memory(start):
    program = start()
    before = program.anonymous_memory()
    with contextlib.ExitStack() as stack:
        for _ in range(1500):
            client = stack.enter_context(connect(program))
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.sendall(b"POST /api/request-echo HTTP/1.1\r\nHost: t\r\nContent-Length: 200000\r\n\r\n" + b"x" * 200_000)
        eventually(lambda: program.metric("troupe_http_untaken_answers_total") > 0, awaited="a client that is cut off")
        assert program.anonymous_memory() - before < 250 << 20
        assert program.get("/api/v1/greeting").status == 200


def test_many_scrapes_at_once_do_not_delay_the_probes(start):
    program = start()
    with subprocess.Popen(["hey", "-z", "5s", "-c", "100", f"http://{program.http}/metrics"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as load:
        eventually(lambda: program.metric("troupe_http_requests_total", route="/metrics") > 100, awaited="load")
        slowest = 0.0
        while load.poll() is None:
            began = time.monotonic()
            assert program.get("/livez").status == 200
            slowest = max(slowest, time.monotonic() - began)
    assert slowest < 1, slowest


@pytest.mark.usefixtures("many_files")
def test_idle_clients_take_no_files_of_probes_operator_and_bridges(start):
    program = start(preexec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256)))
    with contextlib.ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(connect(program))
        for _ in range(5):
            for path in ("/livez", "/readyz", "/metrics"):
                assert program.get(path).status == 200
            assert program.ask_admin("/livez").status == 200
            assert program.ask_admin("/tree").status == 200
        assert program.metric("troupe_http_failed_accepts_total") == 0
        # And there are some left for what the bridges open.
        assert program.metric("process_open_fds") <= 256 - 16
    eventually(lambda: program.get("/api/v1/greeting").status == 200, awaited="a greeting once they have left")


@pytest.mark.usefixtures("many_files")
def test_a_listener_that_runs_out_of_files_gives_up_idle_connections_and_accepts_again(start):
    program = start()
    files = f"/proc/{program.process.pid}/fd"
    with contextlib.ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(connect(program))
        eventually(lambda: program.metric("troupe_http_connections") >= 100, awaited="idle connections")
        usual = resource.prlimit(program.process.pid, resource.RLIMIT_NOFILE)
        # As if something else of the process had taken the rest.
        resource.prlimit(program.process.pid, resource.RLIMIT_NOFILE, (len(os.listdir(files)) - 5, usual[1]))
        eventually(lambda: program.get("/api/v1/greeting").status == 200, awaited="a greeting all the same")
        assert program.metric("troupe_http_failed_accepts_total") >= 1
        eventually(lambda: program.get("/readyz").status == 200, awaited="readiness, once connections are accepted again")


MALFORMED = [
    b"\r\n\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"G\x00T / HTTP/1.1\r\n\r\n", b"GET /api/ping HTTP/1.1\r\nHost\r\n\r\n",
    b"GET /api/ping HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"GET /api/ping HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    b"POST /api/request-echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"GET /" + b"a" * 70000 + b" HTTP/1.1\r\n\r\n",
    b"GET /api/ping HTTP/1.1\r\n" + b"X: y\r\n" * 9000 + b"\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET /api/ping HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
]


@pytest.mark.parametrize("bytes_sent", MALFORMED, ids=range(len(MALFORMED)))
def test_malformed_requests_are_refused_and_the_others_are_served(start, bytes_sent):
    program = start()
    with connect(program) as client:
        with contextlib.suppress(OSError):
            client.sendall(bytes_sent)
            client.shutdown(socket.SHUT_WR)
        answer = b""
        with contextlib.suppress(OSError):
            while chunk := client.recv(65536):
                answer += chunk
    assert not answer or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 505", b"HTTP/1.0 4")), answer[:80]
    assert program.get("/api/v1/greeting").status == 200


def test_random_bytes_from_many_clients_end_nothing(start):
    program = start()
    seed = 20190416
    done = []

    def babble(number):
        source = random.Random(seed + number)
        for _ in range(50):
            with contextlib.suppress(OSError), connect(program) as client:
                client.sendall(source.randbytes(source.randrange(1, 4000)))
        done.append(number)

    threads = [threading.Thread(target=babble, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(done) == 8
    assert program.get("/api/v1/greeting").status == 200
    assert program.end() == 0


def test_memory_that_a_burst_of_calls_took_is_given_back(start):
    """A client opens calls and resets them at once, which gRPC lets it do faster than it ends them."""
    program = start(*E)
    before = program.anonymous_memory()
    with http2.connection(program.grpc) as client:
        reader = threading.Thread(target=lambda: [None for _ in iter(lambda: client.recv(65_536), b"")], daemon=True)
        reader.start()
        for first in range(1, 200_000, 200):
            client.sendall(b"".join(http2.call(stream) + http2.frame(http2.RST_STREAM, 0, stream, http2.CANCEL)
                                    for stream in range(first, first + 200, 2)))
        client.shutdown(socket.SHUT_WR)
        reader.join(60)
    eventually(lambda: program.anonymous_memory() - before < 150 << 20, within=90, awaited="memory that is given back")
    assert program.get("/api/greeting").status == 200


def test_calls_whose_messages_never_come_are_bounded_on_each_connection(start):
    program = start(*E)
    with http2.connection(program.grpc) as client:
        bound = http2.settings_of(client)[http2.MAX_CONCURRENT_STREAMS]
        assert bound == 1024
        with contextlib.suppress(ConnectionError):
            for stream in range(1, 4 * bound, 2):
                client.sendall(http2.call(stream))
            while client.recv(65_536):
                pass  # and then the server has closed the connection
    assert program.get("/api/greeting").status == 200
