"""The reference platform in one process, as its clients see it."""

import json
import re
import sqlite3

from driver.program import eventually
from driver.reference import POST_ORDER, PRE_ORDER, TEXTS
from driver.stored import documents

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")


def test_the_gateway_answers_seven_greetings_in_pre_order(start):
    answer = start().get("/api/v1/greeting")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert "troupe-missing" not in answer.headers
    greetings = answer.json()["greeting"]
    assert [one["service"] for one in greetings] == PRE_ORDER
    assert {one["service"]: one["message"] for one in greetings} == TEXTS
    for one in greetings:
        assert list(one) == ["id", "service", "message", "created"]
        assert UUID.fullmatch(one["id"]) and RFC3339.fullmatch(one["created"])
    assert len({one["id"] for one in greetings}) == 7


def test_the_http_routes_answer_the_bare_array_in_post_order_with_a_trailing_newline(start):
    program = start()
    for path in ("/api/greeting", "/api/ping"):
        answer = program.get(path)
        assert [one["service"] for one in answer.json()] == POST_ORDER
        text = answer.text()
        assert text.endswith("]\n") and ": " not in text.split('"created"')[0].replace("from Service", "")


def test_the_effects_of_an_answer_are_stored_and_d_reaches_f_through_the_queue(start):
    program = start()
    ids = {one["service"]: one["id"] for one in program.get("/api/v1/greeting").json()["greeting"]}
    for letter in "cgh":
        stored = documents(program.file, f"service-{letter}", "greetings")
        body = stored[ids[f"Service-{letter.upper()}"]]
        assert body["servicename"] == f"Service-{letter.upper()}"
        assert list(body) == ["id", "servicename", "message", "createdat"]
        assert RFC3339.fullmatch(body["createdat"]["$date"])
    arrived = eventually(lambda: documents(program.file, "service-f", "messages").get(ids["Service-D"]), awaited="D's greeting in F")
    assert arrived["message"] == "Shalom, from Service-D!"


def test_a_call_repeated_under_its_id_has_its_effects_once(start):
    program = start()
    call = {"troupe-call-id": "0b9b2f0e-2f6f-4d0c-9d7e-0d2f5a6c7b8a"}
    first = program.get("/api/v1/greeting", headers=call).json()["greeting"]
    again = program.get("/api/v1/greeting", headers=call).json()["greeting"]
    assert [one["id"] for one in first] == [one["id"] for one in again]
    assert len(documents(program.file, "service-c", "greetings")) == 1


def test_the_crossed_kafka_demo_services_talk_over_a_durable_stream(start):
    program = start(env={"KAFKA_DEMO_A_MSG_FREQ": "1", "KAFKA_DEMO_B_MSG_FREQ": "1"})
    for name, topic in (("kafka-demo-b", "foo-topic"), ("kafka-demo-a", "bar-topic")):
        stored = eventually(lambda name=name: len(documents(program.file, name, "messages")) >= 2
                            and documents(program.file, name, "messages"), awaited=f"messages in {name}")
        bodies = sorted(stored.values(), key=lambda body: int(body["key"]))
        assert re.fullmatch(r"This is message 0 from host \S+", bodies[0]["message"])
        assert [body["key"] for body in bodies[:2]] == ["0", "1"]
        assert {body["source"] for body in bodies} == {topic}


def test_documents_are_kept_for_ever_or_for_as_long_as_the_topology_says(start, tmp_path):
    file = tmp_path / "mine.yaml"
    platform = "services: {a: {greeter: {greeting: Hi, store: d.c}}}\n"
    file.write_text(platform)
    program = start(str(file))
    for _ in range(3):
        program.get("/api/greeting")
    assert program.end() == 0
    with sqlite3.connect(program.file) as connection:
        connection.execute("UPDATE documents SET written_at = 0")
    again = start(str(file))
    assert again.get("/api/greeting").status == 200
    assert len(documents(again.file, "d", "c")) == 4
    assert again.end() == 0
    file.write_text(platform + "node: {keep-documents: 1d}\n")
    last = start(str(file))
    eventually(lambda: len(documents(last.file, "d", "c")) == 1, awaited="three documents too old")
    eventually(lambda: last.metric("troupe_store_expired_total") == 3, awaited="their count")


def test_one_service_alone_answers_its_own_greeting(start):
    program = start("--service", "service-h", "--grpc", "127.0.0.1:0")
    greetings = json.loads(program.get("/api/greeting").body)
    assert [one["service"] for one in greetings] == ["Service-H"]
    assert greetings[0]["id"] in documents(program.file, "service-h", "greetings")


def test_what_was_stored_is_there_after_an_orderly_restart(start):
    program = start()
    ids = {one["id"] for one in program.get("/api/greeting").json() if one["service"] in ("Service-C", "Service-G", "Service-H")}
    assert program.end() == 0
    again = start()
    kept = {key for letter in "cgh" for key in documents(again.file, f"service-{letter}", "greetings")}
    assert ids <= kept
