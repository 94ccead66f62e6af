"""The life of the process: start, health, logs, and its end."""

import ctypes
import json
import os
import pathlib
import pty
import re
import resource
import select
import signal
import subprocess
import time

import pytest

from driver.program import Program, clean_environment, eventually, program_path


def test_it_is_ready_within_a_second(start):
    program = start()
    assert time.monotonic() - program.started < 10  # generous: the figure itself is measured by tests/bench
    assert program.get("/api/health").body == b'{"alive": true}'
    assert program.get("/livez").json()["status"] == "passing"


def test_a_signal_ends_it_in_order(start):
    for how in (signal.SIGTERM, signal.SIGINT):
        program = start()
        assert program.end(how) == 0
        assert program.errors == []


def test_while_its_end_is_announced_it_is_not_ready_and_answers_and_a_second_signal_ends_it_at_once(start, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("services: {a: {greeter: {greeting: Hi}}}\nnode: {shutdown: {announce: 1h}}\n")
    program = start(str(file))
    program.process.send_signal(signal.SIGTERM)
    eventually(lambda: program.get("/readyz").status == 503, awaited="an end that is announced")
    assert program.get("/livez").status == 200
    assert program.get("/api/greeting").status == 200
    assert program.end() == 1
    assert program.errors == ["troupe: asked twice to end; what was unfinished stays unsettled\n"]


@pytest.mark.parametrize("how", [signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE], ids=lambda one: one.name)
def test_other_signals_do_no_harm(start, how):
    program = start()
    for _ in range(3):
        program.process.send_signal(how)
    assert program.get("/api/v1/greeting").status == 200
    assert program.end() == 0 and program.errors == []


def adopt_orphans():
    """Makes the process that this one becomes the parent of two orphans: one that has ended, and one that ends with its pipe."""
    libc = ctypes.CDLL(None)
    assert libc.prctl(36, 1, 0, 0, 0) == 0  # PR_SET_CHILD_SUBREAPER, as the first process of a container is
    for wait in ("read _", ":"):
        if os.fork() == 0:
            os.spawnlp(os.P_NOWAIT, "sh", "sh", "-c", wait)
            os._exit(0)
        os.wait()


def test_orphans_are_reaped(data):
    reading, writing = os.pipe()

    def preexec():
        os.dup2(reading, 0)
        os.close(writing)
        adopt_orphans()

    program = Program(data, preexec=preexec)
    try:
        program.wait_until_ready()
        children = pathlib.Path(f"/proc/{program.process.pid}/task/{program.process.pid}/children")
        eventually(lambda: len(children.read_text().split()) == 1, awaited="that the orphan which had ended is gone")
        os.close(writing)
        eventually(lambda: not children.read_text(), awaited="that the orphan which ends later is gone")
        assert program.end() == 0
    finally:
        os.close(reading)
        program.kill()


@pytest.fixture(name="misled")
def with_a_service_that_cannot_run(tmp_path, data):
    """Makes a program whose service `a` finds a stream that is not as configured, and so fails again and again."""
    def platform(partitions, others="", settings=""):
        file = tmp_path / f"{partitions}.yaml"
        file.write_text("services:\n"
                        "  a: {producers: [{to: s}], consumers: [{from: s, group: g}],\n"
                        f"      supervision: {{restarts: 2, backoff-min: 10ms}}}}\n{others}"
                        f"streams: {{s: {{partitions: {partitions}}}}}\n{settings}")
        return Program(data, str(file))

    program = platform(1).wait_until_ready()
    eventually(lambda: program.metric("troupe_producer_acknowledged_total") >= 1, awaited="a message in the stream")
    assert program.end() == 0
    return lambda *more: platform(2, *more)


def test_a_service_that_fails_too_often_is_tried_again_and_its_siblings_run_on(misled):
    program = misled("  b: {greeter: {greeting: Hi}}\n", "node: {retry-failed: 100ms}\n").wait_until_ready()

    def service(name):
        return next(one for one in program.tree()["children"] if one["name"] == name)

    try:
        eventually(lambda: service("a")["incarnation"] > 2, awaited="a service that is tried again")
        assert program.get("/api/greeting").status == 200 and service("b")["incarnation"] == 1
        degraded = eventually(lambda: [one for one in program.get("/readyz").json()["checks"] if one["status"] == "degraded"],
                              awaited="a service that is listed as failed")
        assert [one["name"] for one in degraded] == ["a"] and program.get("/readyz").status == 200
        assert program.end() == 0
    finally:
        program.kill()


def test_an_only_service_that_fails_too_often_ends_the_process_in_order_with_exit_code_1(misled):
    program = misled()
    try:
        assert program.wait() == 1
    finally:
        program.kill()
    said = [json.loads(line) for line in program.lines]
    assert sum("ended: conflict" in line["msg"] for line in said) == 3  # the first time, and after each restart
    assert said[-1]["msg"] == "ended"


def test_it_opens_as_many_files_as_the_system_allows(start):
    _, allowed = resource.getrlimit(resource.RLIMIT_NOFILE)
    program = start(preexec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, allowed)))
    assert program.metric("process_max_fds") == allowed


def test_requests_under_way_at_the_end_are_answered(start):
    program = start()
    with subprocess.Popen(["hey", "-z", "3s", "-c", "10", f"http://{program.http}/api/v1/greeting"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True) as load:
        eventually(lambda: program.metric("troupe_http_requests_total") > 50, awaited="load")
        assert program.end() == 0
        report = load.communicate()[0]
    assert re.search(r"\[200\]\s+\d+ responses", report)
    assert not re.search(r"\[5\d\d\]", report)


def test_log_lines_are_json_with_the_fields_of_the_reference(start):
    program = start()
    program.end()
    assert len(program.lines) >= 2
    for line in program.lines:
        entry = json.loads(line)
        assert {"time", "level", "function", "line", "msg", "service", "actor"} <= set(entry)
        assert isinstance(entry["line"], str)


def test_the_tree_shows_every_service_running(start):
    program = start()

    # A service that nobody calls from outside may still start when the program is ready.
    def actors():
        return [actor for service in program.tree()["children"] for actor in service["children"]]

    eventually(lambda: all(actor["state"] == "running" for actor in actors()), awaited="every actor running")
    names = {service["name"] for service in program.tree()["children"]}
    assert {f"service-{letter}" for letter in "abcdefgh"} | {"service-rev-proxy", "kafka-demo-a", "kafka-demo-b"} <= names
    assert {actor["restarts"] for actor in actors()} == {0}


def test_the_administration_listener_refuses_other_hosts(start):
    program = start()
    assert program.ask_admin("/tree", headers={"Host": "evil.example"}).status in (403, 421)


def test_metrics_are_of_actors_bridges_edge_and_process(start):
    program = start()
    program.get("/api/v1/greeting")
    assert program.metric("troupe_actor_handling_seconds_count", service="service-a", actor="greeter") >= 1
    assert program.metric("troupe_http_requests_total", route="/api/v1/greeting") >= 1
    eventually(lambda: program.metric("troupe_embedded_settled_total") >= 1, awaited="a settled delivery")
    assert program.metric("process_resident_memory_bytes") > 0
    assert program.metric("troupe_actor_restarts_total") == 0


def test_the_log_level_is_changed_while_the_process_runs(start):
    def ask(level, **headers):
        return program.ask_admin("/log-level", method="PUT", body=json.dumps({"level": level}).encode(),
                                 headers={"Content-Type": "application/json", **headers})

    def logged():
        return [json.loads(line)["msg"] for line in program.lines]
    program = start()
    assert program.ask_admin("/log-level").json() == {"level": "info"}
    assert ask("loud").status == 400
    assert ask("error", Host="evil.example").status == 403
    assert program.get("/log-level").status == 404  # the edge is for everybody
    assert ask("error").json() == {"level": "error"}
    eventually(lambda: "log level error instead of info, as the administration was asked" in logged(), awaited="the change in the log")
    assert ask("debug").json() == program.ask_admin("/log-level").json() == {"level": "debug"}
    eventually(lambda: "log level debug instead of error, as the administration was asked" in logged(), awaited="the change in the log")
    assert ask("error").status == 200
    assert program.end() == 0
    assert "asked to end" not in logged()


def test_a_terminal_gets_a_banner_and_lines_for_people(data):
    master, slave = pty.openpty()
    process = subprocess.Popen([program_path(), "run", "--data", str(data), "--http", "127.0.0.1:0", "--admin", "127.0.0.1:0"],
                               stdout=slave, stderr=slave, stdin=slave, env=clean_environment({"TERM": "xterm"}))
    os.close(slave)
    text = ""
    end = time.monotonic() + 20
    while "Ctrl-C" not in text and time.monotonic() < end:
        if select.select([master], [], [], 0.2)[0]:
            text += os.read(master, 4096).decode()
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    os.close(master)
    assert re.search(r"answers\s+http://127\.0\.0\.1:\d+/api/v1/greeting", text)
    assert "service-a, " in text and str(data) in text and "{" not in text.split("Ctrl-C")[0]


def test_started_twice_on_other_folders_they_do_not_disturb_each_other(tmp_path):
    programs = [Program(tmp_path / name) for name in ("one", "two")]
    try:
        for program in programs:
            assert program.wait_until_ready().get("/api/greeting").status == 200
    finally:
        codes = [program.end() for program in programs]
    assert codes == [0, 0]
