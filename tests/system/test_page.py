"""The pages that the program serves, and what the administration sends them."""

import contextlib
import json
import re

import pytest

from driver.ports import free_ports
from driver.program import eventually
from driver.rabbitmq import rabbitmq

TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


def listeners(program):
    return {"edge": program.http, "administration": program.admin}


@pytest.mark.parametrize("where", ["edge", "administration"])
def test_each_listener_has_its_page_whose_files_are_all_there(start, where):
    program = start()
    page = program.get("/", listener=listeners(program)[where])
    assert page.status == 200 and page.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=|\sstyle=", page.text()), "its policy forbids what is in line"
    for name in re.findall(r'(?:src|href)="(?:/ui/|ui/)([^"]+)"', page.text()):
        found = program.get(f"/ui/{name}", listener=listeners(program)[where])
        assert found.status == 200, name
        assert found.headers["Content-Type"].startswith(TYPES[name.rsplit(".", 1)[1]]), name
        assert program.get(f"/ui/{name}", {"If-None-Match": found.headers["ETag"]}, listener=listeners(program)[where]).status == 304


def test_each_listener_has_no_file_of_the_other_s_page(start):
    program = start()
    edge, administration = (program.get("/", listener=one).body for one in (program.http, program.admin))
    assert edge != administration
    for name, of in (("faults_view.js", program.admin), ("cards.js", program.http)):
        answers = {one: program.get(f"/ui/{name}", listener=one).status for one in (program.http, program.admin)}
        assert answers == {one: 200 if one == of else 404 for one in answers}, name


def test_a_process_that_answers_no_greetings_has_no_page_of_them(start, tmp_path):
    file = tmp_path / "none.yaml"
    file.write_text("streams: {s: {}}\nservices: {p: {producers: [{to: s}]}}\n")
    program = start(str(file))
    assert program.get("/").status == 404
    assert program.ask_admin("/").status == 200


def test_the_page_of_an_administration_with_a_token_is_answered_without_it(start):
    [port] = free_ports(1)
    program = start(admin=f"0.0.0.0:{port}", env={"TROUPE_ADMIN_TOKEN": "hush"})
    local = f"127.0.0.1:{port}"
    assert program.get("/", listener=local).status == 200
    assert program.get("/tree", listener=local).status == 401
    assert program.get("/tree", {"Authorization": "Bearer hush"}, listener=local).status == 200


def test_the_last_lines_of_the_log_are_answered_by_service_and_level_and_further_ones_after_them(start):
    program = start()
    first = program.ask_admin("/logs")
    assert first.headers["Cache-Control"] == "no-store"
    lines = first.json()["lines"]
    assert [line["number"] for line in lines] == list(range(1, len(lines) + 1))
    assert any("listening on" in line["message"] and line["level"] == "info" for line in lines)
    after = first.json()["next"]
    later = program.ask_admin(f"/logs?after={after}").json()
    assert later["next"] >= after and all(line["number"] > after for line in later["lines"])
    assert program.ask_admin("/logs?after=1000000&limit=1").json()["lines"] == lines[:1], "a number of an earlier process"
    body = json.dumps({"level": "debug"}).encode()
    program.ask_admin("/log-level", method="PUT", body=body, headers={"Content-Type": "application/json"})
    [changed] = program.ask_admin(f"/logs?after={after}&level=warning").json()["lines"]
    assert "log level debug" in changed["message"]
    assert program.ask_admin("/logs?service=nobody").json()["lines"] == []
    assert program.ask_admin("/logs?service=&level=&limit=1").json()["lines"] == lines[:1]
    for wrong in ("limit=0", "limit=2001", "after=-1", "level=loud"):
        assert program.ask_admin(f"/logs?{wrong}").status == 400, wrong


def test_what_messages_bring_is_in_the_log_and_not_on_the_page(start, tmp_path):
    file = tmp_path / "page.yaml"
    file.write_text("streams: {s: {}}\n"
                    "services: {p: {producers: [{to: s, text: a private word, every: 50ms}]}, c: {consumers: [{from: s, group: g}]}}\n")
    program = start(str(file))
    eventually(lambda: any("a private word" in line for line in program.lines), awaited="a message in the log")
    lines = eventually(lambda: program.ask_admin("/logs?service=c&level=info").json()["lines"], awaited="a line of the page")
    assert any("in the log alone" in line["message"] for line in lines)
    assert b"a private word" not in program.ask_admin("/logs?limit=2000").body


def test_every_setting_is_listed_with_its_source_and_no_secret(start, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("services: {a: {greeter: {greeting: Hi}}}\nnode: {log-level: debug}\n")
    [port] = free_ports(1)
    program = start(str(file), admin=f"0.0.0.0:{port}", env={"TROUPE_ADMIN_TOKEN": "hush", "ALLOWED_ORIGINS": "https://a.example"})
    answer = program.get("/settings", {"Authorization": "Bearer hush"}, listener=f"127.0.0.1:{port}")
    assert b"hush" not in answer.body
    settings = {one["name"]: one for one in answer.json()["settings"]}
    assert settings["node.log-level"]["source"] == "file" and settings["node.log-level"]["place"].endswith("mine.yaml:2:19")
    assert (settings["node.allowed-origins"]["source"], settings["node.allowed-origins"]["place"]) == ("environment", "ALLOWED_ORIGINS")
    assert (settings["node.admin"]["source"], settings["node.admin"]["default"]) == ("flag", "127.0.0.1:8081")
    assert settings["services.a.greeter.greeting"]["value"] == '"Hi"'
    assert settings["node.retry-failed"]["source"] == "default" and settings["node.retry-failed"]["reason"]


def test_flows_tell_who_uses_what_and_count_what_goes_through(start):
    program = start()

    def flows():
        return program.ask_admin("/flows").json()

    services = {one["name"]: one for one in flows()["services"]}
    assert services["service-a"]["calls"] == ["service-b", "service-c"] and "edge" in services["service-a"]["serves"]
    assert services["service-d"]["publishes"] == services["service-f"]["consumes"] == ["service-d"]
    assert services["service-f"]["stores"] == ["store"]
    assert {one["name"]: one["breaker"] for one in flows()["peers"]}["service-b"] == "none"

    def counted():
        now = flows()
        [queue] = [one for one in now["channels"] if one["name"] == "service-d"]
        [store] = now["stores"]
        return queue["published"], queue["settled"], store["written"]

    before = eventually(lambda: None not in counted() and counted(), awaited="counters")
    for _ in range(3):
        assert program.get("/api/v1/greeting").status == 200
    eventually(lambda: counted()[0] == before[0] + 3 and counted()[1] == before[1] + 3 and counted()[2] > before[2],
               awaited="three messages that went through")
    assert all(one["transport"] == "embedded" and one["paused"] is False for one in flows()["channels"])


def test_the_trace_of_a_call_is_shown_to_who_knows_its_id_and_nothing_but_its_outline(start):
    program = start()
    make_fault(program, "cut_peer", "service-c")
    answer = program.get("/api/v1/greeting?key=hush", {"Authorization": "Bearer hush", "Cookie": "hush", "x-tenant": "hush"})
    trace = re.fullmatch(r"00-([0-9a-f]{32})-[0-9a-f]{16}-01", answer.headers["traceresponse"])[1]

    def shown():
        found = program.get(f"/api/trace/{trace}")
        return found.status == 200 and {"service-a", "service-b", "service-d", "service-f"} <= {one["service"] for one in found.json()["spans"]} and found

    found = eventually(shown, awaited="the spans of the call and of the consumer of what it publishes")
    assert found.headers["Cache-Control"] == "no-store"
    assert set(found.json()) == {"id", "left-out", "spans"} and found.json()["id"] == trace
    spans = found.json()["spans"]
    assert all(set(one) <= {"id", "parent", "name", "service", "began", "ms", "error", "reason"} for one in spans)
    assert ["partial", "service-c;part=greeting;error=unavailable"] in [[one.get("error"), one.get("reason")] for one in spans]
    for hidden in (b"hush", b"Hello", b"Shalom", answer.json()["greeting"][0]["id"].encode()):
        assert hidden not in found.body, hidden
    other = ("0" if trace[0] != "0" else "1") + trace[1:]
    assert program.get(f"/api/trace/{other}").status == 404
    for malformed in (trace.upper() if trace.upper() != trace else "A" * 32, trace[1:], trace + "0", "0" * 32, "g" * 32):
        assert program.get(f"/api/trace/{malformed}").status == 400, malformed
    for path in ("/api/trace", "/api/trace/", f"/api/trace/{trace}/x", "/traces", f"/traces/{trace}"):
        assert program.get(path).status == 404, path
    for method in ("POST", "PUT", "DELETE"):
        assert program.get(f"/api/trace/{trace}", method=method, body=b"").status == 405, method


def make_fault(program, kind, target):
    body = json.dumps({"kind": kind, "target": target, "seconds": 300}).encode()
    return program.ask_admin("/faults", method="POST", body=body, headers={"Content-Type": "application/json"}).json()["number"]


def test_calls_between_the_services_of_a_process_are_counted_and_those_that_fail(start):
    program = start()

    def peers():
        return {one["name"]: (one["calls"], one["failed"]) for one in program.ask_admin("/flows").json()["peers"]}

    assert set(peers()) == {f"service-{letter}" for letter in "abcdegh"}
    assert set(peers().values()) == {(0, 0)}
    for path in ("/api/v1/greeting", "/api/greeting", "/api/ping"):
        assert program.get(path).status == 200
    assert set(peers().values()) == {(3, 0)}, "the gateway calls service-a, and each calls the next"
    make_fault(program, "cut_peer", "service-c")
    assert "service-c" in program.get("/api/v1/greeting").headers["troupe-missing"]
    assert peers()["service-c"] == (4, 1) and peers()["service-b"] == (4, 0)
    assert program.metric("troupe_calls_total", service="service-a", to="service-c", outcome="unavailable") == 1


@pytest.mark.parametrize("transport", ["embedded", "amqp"])
def test_the_lag_of_a_queue_is_what_is_published_and_not_settled(start, tmp_path, transport):
    with contextlib.ExitStack() as ends:
        env = {"RABBITMQ_CONN": ends.enter_context(rabbitmq(tmp_path / "rabbitmq")).url()} if transport == "amqp" else {}
        program = start(env=env)

        def queue():
            return next(one for one in program.ask_admin("/flows").json()["channels"] if one["name"] == "service-d")

        eventually(lambda: queue()["lag"] == 0, awaited="a lag that is known")
        pause = make_fault(program, "pause_channel", "service-d")
        for count in range(1, 4):
            assert "troupe-missing" not in program.get("/api/v1/greeting").headers
            eventually(lambda: queue()["lag"] == count, awaited=f"a lag of {count}")
        assert queue()["transport"] == transport and queue()["settled"] == 0
        program.ask_admin(f"/faults/{pause}", method="DELETE")
        eventually(lambda: queue()["settled"] == 3 and queue()["lag"] == 0, awaited="nothing that waits")
        assert program.end() == 0
