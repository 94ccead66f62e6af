"""Separate processes while one of them is killed, stopped, cut off, slow or overwhelmed: none dies of another's fault, every
call ends by its deadline with the right code, and nothing that was accepted is lost."""

import contextlib
import http.client
import json
import re
import signal
import subprocess
import threading
import time

import pytest

from driver.cluster import PROCESSES, Cluster, cluster, url_variable, with_short_breakers
from driver.ledger import Ledger
from driver.program import LEDGER, eventually, pause, reaches
from driver.relay import relay
from driver.stored import document_ids

BOTH = pytest.mark.parametrize("over", ["grpc", "http"])
DEADLINE = 5.0  # of a call, in seconds


def timed(made, **options):
    began = time.monotonic()
    return made.greet(**options), time.monotonic() - began


def quick(made):
    """Whether an answer comes as fast as without a fault, be it partial."""
    answer, took = timed(made)
    return answer.status == 200 and took < 0.5


@contextlib.contextmanager
def behind_relay(folder, service, over, arguments=()):
    """A cluster in which the others reach one service through a relay."""
    made = Cluster(folder, over=over, arguments=arguments)
    with relay(made.grpc[service] if over == "grpc" else made.http[service]) as between:
        made.env[url_variable(service)] = between.address if over == "grpc" else f"http://{between.address}"
        try:
            yield made.start(), between
        finally:
            made.kill()


@contextlib.contextmanager
def stopped(program):
    pause(program.process)
    try:
        yield
    finally:
        program.process.send_signal(signal.SIGCONT)


@BOTH
def test_each_service_is_killed_and_started_again_under_load_and_nothing_accepted_is_lost(tmp_path, over):
    with cluster(tmp_path, over=over, arguments=[with_short_breakers(tmp_path)]) as made:
        ledger = Ledger(lambda: made.http["service-rev-proxy"])
        threads = ledger.run(requests=10**9)
        recoveries = []
        try:
            for name in PROCESSES:
                before = ledger.complete
                reaches(lambda: ledger.complete, before + LEDGER // 50, awaited="load")
                made.restart(name)
                began = time.monotonic()
                made.wait_until_complete()
                recoveries.append(time.monotonic() - began)
                made.check_alive()
            ledger.stop()
            for thread in threads:
                thread.join(30)
            print(f"{over}: {ledger.complete} complete, {ledger.partial} partial, {ledger.refused} refused, {ledger.broken} "
                  f"broken, {ledger.slowest:.2f} s at most; complete again {max(recoveries):.2f} s after a restart at most")
            assert ledger.partial > 0 and ledger.refused > 0 and ledger.broken > 0
            assert ledger.slowest < DEADLINE + 1 and ledger.refusals <= {502, 503, 504}
            ledger.check(made.files())
        finally:
            ledger.stop()


@pytest.mark.alone
@BOTH
def test_a_service_that_hangs_costs_its_part_until_the_deadline_and_latency_recovers(tmp_path, over):
    with cluster(tmp_path, over=over) as made:
        made.wait_until_complete()
        with stopped(made.running["service-e"]):
            answer, took = timed(made)
            assert answer.status == 200 and took < DEADLINE + 0.5
            assert [one["service"] for one in answer.json()["greeting"]] == ["Service-A", "Service-B", "Service-D", "Service-C"]
            assert "service-e;part=greeting;error=deadline_exceeded" in answer.headers["troupe-missing"]

            def fails_fast():
                got, needed = timed(made)
                return needed < 1 and "error=breaker_open" in got.headers["troupe-missing"]
            eventually(fails_fast, within=60, awaited="a breaker that is open")
        eventually(lambda: quick(made), within=2, awaited="quick answers")
        made.wait_until_complete()
        made.check_alive()


@pytest.mark.alone
@BOTH
def test_each_service_hangs_under_load_and_costs_nobody_more_than_the_deadline(tmp_path, over):
    seconds = 2.0  # that these callers give
    with cluster(tmp_path, over=over, arguments=[with_short_breakers(tmp_path)]) as made:
        ledger = Ledger(lambda: made.http["service-rev-proxy"], {"troupe-timeout": f"{int(seconds)}S"})
        threads = ledger.run(requests=10**9)
        recoveries = []
        try:
            for name in PROCESSES:
                if name == "service-rev-proxy":  # who hangs itself keeps no deadline
                    continue
                before = ledger.complete
                reaches(lambda: ledger.complete, before + LEDGER // 50, awaited="load")
                without = ledger.partial + ledger.refused
                with stopped(made.running[name]):
                    eventually(lambda without=without: ledger.partial + ledger.refused > without + 20, within=60,
                               awaited=f"answers without {name}")
                began = time.monotonic()
                eventually(lambda: quick(made), awaited="quick answers again")
                recoveries.append(time.monotonic() - began)
                made.wait_until_complete()
            ledger.stop()
            for thread in threads:
                thread.join(30)
            made.check_alive()
            print(f"{over}: {ledger.complete} complete, {ledger.partial} partial, {ledger.refused} refused, "
                  f"{ledger.slowest:.2f} s at most; quick again after {max(recoveries):.2f} s at most")
            assert ledger.broken == 0 and ledger.refusals <= {503, 504}
            assert ledger.slowest < seconds + 1 and max(recoveries) < 2
            ledger.check(made.files())
        finally:
            ledger.stop()


@BOTH
def test_a_connection_cut_in_the_middle_of_calls_costs_no_effect_twice(tmp_path, over):
    with behind_relay(tmp_path, "service-c", over, [with_short_breakers(tmp_path)]) as (made, between):
        ledger = Ledger(lambda: made.http["service-rev-proxy"])
        threads = ledger.run(requests=10**9)
        for _ in range(10):
            before = ledger.complete
            reaches(lambda: ledger.complete, before + LEDGER // 100, awaited="load")
            between.cut()
        ledger.stop()
        for thread in threads:
            thread.join(30)
        made.check_alive()
        print(f"{over}: {ledger.complete} complete, {ledger.partial} partial, {ledger.refused} refused")
        assert ledger.broken == ledger.refused == 0
        ledger.check(made.files())


@BOTH
def test_a_call_whose_answer_was_lost_is_repeated_and_stores_once(tmp_path, over):
    with behind_relay(tmp_path, "service-c", over) as (made, between):
        made.wait_until_complete()
        stored = made.files()["Service-C"]
        before = len(document_ids(stored, "service-c", "greetings"))
        between.lose_answers()
        answers = []
        asking = threading.Thread(target=lambda: answers.append(made.greet()))
        asking.start()
        eventually(lambda: len(document_ids(stored, "service-c", "greetings")) == before + 1, awaited="C's effect")
        between.cut()
        asking.join(10)
        [answer] = answers
        assert made.running["service-a"].metric("troupe_outbound_retries_total", to="service-c") == 1
        assert answer.status == 200 and "troupe-missing" not in answer.headers
        ids = document_ids(stored, "service-c", "greetings")
        assert len(ids) == before + 1
        assert {one["id"] for one in answer.json()["greeting"] if one["service"] == "Service-C"} <= set(ids)


@pytest.mark.alone
@BOTH
def test_a_slow_downstream_costs_its_part_and_not_the_whole(tmp_path, over):
    with behind_relay(tmp_path, "service-h", over) as (made, between):
        made.wait_until_complete()
        between.delay = 2 * DEADLINE
        answer, took = timed(made)
        assert answer.status == 200 and took < DEADLINE + 0.5
        assert len(answer.json()["greeting"]) == 6
        assert answer.headers["troupe-missing"] == "service-h;part=greeting;error=deadline_exceeded"
        between.delay = 0.0
        between.cut()
        made.wait_until_complete()


@pytest.mark.alone
@BOTH
def test_a_thousand_concurrent_calls_are_all_answered_and_nobody_dies(tmp_path, over):
    with cluster(tmp_path, over=over) as made:
        report = subprocess.run(["hey", "-n", "5000", "-c", "1000", "-t", "20", f"http://{made.gateway.http}/api/v1/greeting"],
                                capture_output=True, text=True, check=True).stdout
        codes = {int(code): int(count) for code, count in re.findall(r"\[(\d+)\]\s+(\d+) responses", report)}
        print(over, codes)
        assert sum(codes.values()) == 5000 and set(codes) <= {200, 429, 503, 504}, report
        assert codes.get(200, 0) > 0
        made.check_alive()
        eventually(lambda: timed(made)[1] < 0.5, within=2, awaited="quick answers")
        made.wait_until_complete()


def test_more_than_the_edge_bears_is_refused_at_once_with_advice(tmp_path):
    with cluster(tmp_path) as made, stopped(made.running["service-a"]):
        host, port = made.gateway.http.rsplit(":", 1)
        waiting = []
        for _ in range(600):  # 512 may wait for an actor
            one = http.client.HTTPConnection(host, int(port), timeout=20)
            one.request("GET", "/api/v1/greeting")
            waiting.append(one)
        answers = [one.getresponse() for one in waiting]
        bodies = [json.loads(answer.read()) for answer in answers]
        refused = [answer for answer, body in zip(answers, bodies) if body.get("code") == "overloaded"]
        assert refused and all(answer.status == 503 and answer.getheader("Retry-After") for answer in refused)
        for answer, body in zip(answers, bodies):
            assert answer.status in (503, 504), body
        for one in waiting:
            one.close()
        made.check_alive()


def test_an_oversized_message_is_refused_and_the_service_lives_on(tmp_path):
    with cluster(tmp_path, "service-h") as made:
        request = json.dumps({"greeting": {"message": "x" * (5 << 20)}})
        called = subprocess.run(["grpcurl", "-plaintext", "-d", "@", made.grpc["service-h"], "greeting.v3.GreetingService/Greeting"],
                              input=request, capture_output=True, text=True, timeout=30, check=False)
        assert called.returncode != 0 and "ResourceExhausted" in called.stderr
        assert made.running["service-h"].get("/api/greeting").status == 200
        made.check_alive()
