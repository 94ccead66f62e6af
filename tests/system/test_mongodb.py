"""The reference platform with its documents in MongoDB, over verified TLS; read back by an independent driver."""

import contextlib
import datetime
import json
import uuid

import pytest

from driver.cluster import REFERENCE
from driver.mongodb import mongodb
from driver.program import Program, eventually, run_once
from driver.stored import query

FORM = ["_id", "id", "servicename", "message", "createdat"]
KEPT = {"service-c": ("greetings", "Service-C"), "service-g": ("greetings", "Service-G"),
        "service-h": ("greetings", "Service-H"), "service-f": ("messages", "Service-D")}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with mongodb(tmp_path_factory.mktemp("mongodb"), tls=True) as made:
        yield made


@pytest.fixture
def emptied(server):
    with server.client() as client:
        for name in KEPT:
            client.drop_database(name)
    return server


def environment(server, **more):
    return {"MONGO_CONN": server.uri(), "MONGO_AUTHORITIES": str(server.ca), **more}


@pytest.fixture
def begun(tmp_path):
    """Starts programs and does not wait."""
    with contextlib.ExitStack() as programs:
        def begin(*arguments, env):
            program = Program(tmp_path / "data", *arguments, env=env)
            programs.callback(program.kill)
            return program.wait_until_listening()
        yield begin


def texts(lines):
    return "".join(lines)


def test_every_service_keeps_its_greetings_in_a_database_of_its_own(emptied, start):
    program = start(env=environment(emptied))
    answer = program.get("/api/v1/greeting")
    assert answer.status == 200 and "troupe-missing" not in answer.headers
    said = {one["service"]: one for one in answer.json()["greeting"]}
    for database, (collection, service) in KEPT.items():
        eventually(lambda d=database, c=collection: len(emptied.documents(d, c)) == 1, 20, f"a document in {database}")
        document = emptied.documents(database, collection)[0]
        assert list(document) == FORM
        assert document["_id"] == document["id"] == said[service]["id"]
        assert document["servicename"] == service and document["message"] == said[service]["message"]
        created = datetime.datetime.fromisoformat(said[service]["created"][:19])
        assert document["createdat"].replace(microsecond=0) == created
    assert query(program.file, "SELECT count(*) FROM documents") == [(0,)]
    assert program.end() == 0
    assert emptied.password not in texts(program.lines) + texts(program.errors)


def test_a_call_that_is_repeated_under_its_id_changes_nothing(emptied, start):
    program = start(env=environment(emptied))
    call = {"troupe-call-id": str(uuid.uuid4())}
    first, second = (program.get("/api/v1/greeting", headers=call) for _ in range(2))
    ids = [{one["id"] for one in answer.json()["greeting"]} for answer in (first, second)]
    assert ids[0] == ids[1]
    other = program.get("/api/v1/greeting").json()["greeting"]  # behind the two in the queue
    for database, (collection, service) in KEPT.items():
        last = next(one["id"] for one in other if one["service"] == service)
        eventually(lambda d=database, c=collection, i=last: i in {one["_id"] for one in emptied.documents(d, c)}, 20, database)
        assert len(emptied.documents(database, collection)) == 2
    assert program.metric("troupe_mongodb_duplicates_total") >= 3


def test_one_service_may_have_servers_of_its_own(emptied, start):
    program = start(env={"SERVICE_C_MONGO_CONN": emptied.uri(), "MONGO_AUTHORITIES": str(emptied.ca)})
    assert program.get("/api/v1/greeting").status == 200
    assert len(emptied.documents("service-c", "greetings")) == 1
    assert emptied.documents("service-g", "greetings") == []
    kept_here = "SELECT DISTINCT database FROM documents WHERE database LIKE 'service-%' ORDER BY database"
    eventually(lambda: query(program.file, kept_here) == [("service-f",), ("service-g",), ("service-h",)], 20, "the others' documents")


def test_a_service_alone_keeps_its_greetings(emptied, start):
    program = start("--service", "service-c", "--grpc", "127.0.0.1:0", env=environment(emptied))
    assert program.get("/api/v1/greeting").status == 200
    assert [one["servicename"] for one in emptied.documents("service-c", "greetings")] == ["Service-C"]


def test_what_can_never_be_stored_becomes_a_dead_letter_with_words(emptied, start, tmp_path):
    collection, word = emptied.refusing_collection("service-c")
    file = tmp_path / "impossible.yaml"
    file.write_text("services:\n"
                    "  maker: {producers: [{to: orders, every: 0s, limit: 1}]}\n"
                    f"  keeper: {{consumers: [{{from: orders, as: text, store: service-c.{collection}}}]}}\n"
                    "queues: {orders: }\n")
    program = start(str(file), env=environment(emptied))

    def listed():
        return run_once("dead-letters", "list", "--admin", program.admin).stdout
    eventually(lambda: "rejected" in listed(), 20, "a dead letter")
    assert word in listed() and "(error " in listed()


def test_a_connection_string_that_is_wrong_is_refused_with_its_position():
    for uri, word in (("mongodb://user:hunter2@host:port", "Invalid host"), ("http://user:hunter2@host", "mongodb://"),
                      ("mongodb://user:hunter2@host/?w=0", "w=0")):
        refused = run_once("check", env={"MONGO_CONN": uri})
        assert refused.returncode == 2
        assert refused.stderr.startswith("environment: MONGO_CONN: this is not a connection string of MongoDB: ")
        assert word in refused.stderr and "hunter2" not in refused.stderr


def test_check_shows_where_documents_are_kept_without_the_password():
    result = run_once("check", env={"MONGO_CONN": "mongodb+srv://user:hunter2@cluster.example.org"})
    assert result.returncode == 0, result.stderr
    assert "  store     documents of service-c, service-f, service-g, service-h, kafka-demo-a, kafka-demo-b in mongodb, " \
        "at mongodb+srv://user:***@cluster.example.org\n" in result.stdout
    assert "env:MONGO_CONN" in result.stdout and "hunter2" not in result.stdout


def test_a_wrong_password_is_reported_and_a_rotated_one_is_taken_up(emptied, begun, tmp_path):
    kept = tmp_path / "uri"
    kept.write_text(emptied.uri(password="first-password"))
    file = tmp_path / "keeper.yaml"
    file.write_text("services: {keeper: {consumers: [{from: orders, store: service-c.orders}]}}\n"
                    "queues: {orders: }\n"
                    f"node: {{store: mongodb, mongodb: {{uri: 'file:{kept}', authorities: {emptied.ca}}}}}\n")
    program = begun(str(file), env={})
    eventually(lambda: "unauthenticated" in program.get("/readyz").text(), 30, "the reason of a failing readiness")
    assert program.get("/readyz").status == 503
    assert program.get("/livez").status == 200
    kept.write_text(emptied.uri())
    eventually(lambda: program.get("/readyz").status == 200, 60, "readiness with the right password")
    assert all(child["restarts"] == 0 for group in program.tree()["children"] for child in group["children"])
    assert emptied.password not in json.dumps(program.lines) + texts(program.errors)
    assert program.end() == 0


def test_a_stranger_is_not_trusted(emptied, begun):
    program = begun("--service", "service-c", "--grpc", "127.0.0.1:0", env=environment(emptied, MONGO_AUTHORITIES=str(emptied.other_ca)))
    eventually(lambda: "untrusted" in program.get("/readyz").text(), 30, "the reason in the detail of readiness")
    assert "store" in program.get("/api/v1/greeting").headers["troupe-missing"]
    assert program.end() == 0


def test_servers_that_are_away_at_the_start_cost_only_their_part(begun):
    program = begun(str(REFERENCE), env={"MONGO_CONN": "mongodb://127.0.0.1:1"})
    eventually(lambda: program.get("/readyz").status == 200, 30, "readiness of what is there")
    answer = program.get("/api/v1/greeting", timeout=20)
    assert answer.status == 200 and "part=store" in answer.headers["troupe-missing"]
    assert program.end() == 0
