"""Faults that are made on purpose at the administration: what each does to the real program, and that it ends."""

import concurrent.futures
import json

import pytest

from driver.ports import free_ports
from driver.program import eventually, example_path, running
from driver.stored import documents

SHOP = example_path("shop")
APART = """services:
  stock: {address: "grpc://127.0.0.1:50051"}
  orders: {}
  shipping: {}
"""

JSON = {"Content-Type": "application/json"}
KINDS = {"end_actor", "fail_actor", "hang_actor", "pause_channel", "cut_peer", "delay_store", "fail_store"}


def begin(program, kind, target, **more):
    body = json.dumps({"kind": kind, "target": target, **more}).encode()
    return program.ask_admin("/faults", method="POST", body=body, headers=JSON)


def begun(program, *fault, **more):
    answer = begin(program, *fault, **more)
    assert answer.status == 201, answer.text()
    return answer.json()["number"]


def end(program, number):
    return program.ask_admin(f"/faults/{number}", method="DELETE").status


def active(program):
    return program.ask_admin("/faults").json()["active"]


def node(program, path):
    found = program.tree()
    for name in path.split("/"):
        [found] = [child for child in found["children"] if child["name"] == name]
    return found


def missing(program):
    return program.get("/api/v1/greeting").headers.get("troupe-missing", "")


def flow(program, of, name):
    [found] = [one for one in program.ask_admin("/flows").json()[of] if one["name"] == name]
    return found


def test_where_all_runs_in_one_process_on_loopback_the_kinds_are_listed_with_their_targets(start):
    program = start()
    faults = program.ask_admin("/faults").json()
    assert faults["allowed"] is True and faults["reason"] is None and faults["active"] == []
    targets = {one["kind"]: one["targets"] for one in faults["kinds"]}
    assert set(targets) == KINDS  # no service runs elsewhere, so that there is no breaker
    assert "service-a/greeter" in targets["end_actor"] and targets["fail_store"] == ["store"]
    assert "service-b" in targets["cut_peer"] and "service-d" in targets["pause_channel"]


@pytest.mark.parametrize("kind", ["end_actor", "fail_actor"])
def test_an_actor_that_ends_is_started_again_and_the_tree_says_why(start, kind):
    program = start()
    assert begun(program, kind, "service-b/greeter") == 0
    restarted = eventually(lambda: node(program, "service-b/greeter")["restarts"] == 1 and node(program, "service-b/greeter"),
                           awaited="a restart")
    assert restarted["last_error"] == {"end_actor": "actor_failed: killed",
                                       "fail_actor": "actor_failed: made to fail on purpose"}[kind]
    eventually(lambda: node(program, "service-b/greeter")["state"] == "running", awaited="the next incarnation")
    assert missing(program) == ""
    assert program.metric("troupe_faults_total", kind=kind) == 1
    [line] = [one for one in program.ask_admin("/logs?level=warning").json()["lines"] if one["message"].startswith("fault: ")]
    assert line["message"] == f"fault: {kind} of service-b/greeter, as the administration was asked"


@pytest.mark.parametrize("kind", ["end_actor", "fail_actor"])
def test_whichever_actor_ends_comes_back_and_nothing_is_lost(start, kind):
    program = start()
    targets = {one["kind"]: one["targets"] for one in program.ask_admin("/faults").json()["kinds"]}[kind]
    ended = [path for path in targets if path.split("/")[0] in ("bridges", "service-d", "service-f")]
    assert len(ended) >= 8
    for count, path in enumerate(ended):
        assert program.get("/api/v1/greeting").status == 200  # what it brings is under way
        before = node(program, path)["restarts"]
        begun(program, kind, path)
        eventually(lambda: node(program, path)["restarts"] > before and node(program, path)["state"] == "running",
                   awaited=f"the next incarnation of {path}")
        assert missing(program) == "", path
        accepted = 2 * (count + 1)
        eventually(lambda: len(documents(program.file, "service-f", "messages")) == accepted, within=60,
                   awaited=f"the effects of what was accepted beside the end of {path}")
    assert flow(program, "channels", "service-d")["dead_letters"] == 0
    assert program.end() == 0


def test_an_actor_that_hangs_is_missed_until_the_fault_is_over_by_itself(start):
    program = start()
    assert begun(program, "hang_actor", "service-e/greeter", seconds=300) == 1
    [one] = active(program)
    assert (one["kind"], one["target"]) == ("hang_actor", "service-e/greeter") and 0 < one["ends_in_seconds"] <= 300
    assert "service-e" in missing(program)
    assert end(program, 1) == 204
    begun(program, "hang_actor", "service-g/greeter", seconds=1)
    eventually(lambda: active(program) == [], awaited="the end of the fault by itself")
    assert missing(program) == ""


def test_a_service_that_is_cut_off_is_missing_and_back_when_the_fault_is_ended(start):
    program = start()
    number = begun(program, "cut_peer", "service-c", seconds=300)
    assert "service-c" in missing(program) and "unavailable" in missing(program)
    assert flow(program, "peers", "service-c")["failed"] >= 1
    assert end(program, number) == 204
    assert missing(program) == "" and active(program) == []
    assert end(program, number) == 404


def test_a_channel_that_pauses_keeps_its_messages_and_gives_them_afterwards(start):
    program = start()
    number = begun(program, "pause_channel", "service-d", seconds=300)
    for _ in range(3):
        assert program.get("/api/v1/greeting").status == 200
    queue = eventually(lambda: flow(program, "channels", "service-d"), awaited="the queue")
    assert queue["paused"] is True and queue["published"] >= 3 and queue["settled"] == 0
    assert end(program, number) == 204
    eventually(lambda: flow(program, "channels", "service-d")["settled"] == 3, awaited="what waited")
    after = flow(program, "channels", "service-d")
    assert after["paused"] is False and after["dead_letters"] == 0


def test_a_store_that_fails_is_reported_and_what_was_accepted_is_stored_afterwards(start):
    program = start()
    number = begun(program, "fail_store", "store", seconds=300)
    assert "part=store" in missing(program)
    eventually(lambda: program.metric("troupe_consumer_retries_total", service="service-f") >= 1, awaited="retries")
    assert flow(program, "channels", "service-d")["settled"] == 0
    assert end(program, number) == 204
    eventually(lambda: flow(program, "channels", "service-d")["settled"] == 1, within=40, awaited="what waited")
    assert flow(program, "channels", "service-d")["dead_letters"] == 0


def test_a_store_that_is_slow_takes_up_to_a_second_for_each_write(start):
    program = start()
    begun(program, "delay_store", "store", seconds=300)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        answer = pool.submit(program.get, "/api/v1/greeting")
        eventually(lambda: node(program, "bridges/store")["mailbox"] >= 1, awaited="a write that waits")
        assert answer.result().status == 200
    eventually(lambda: flow(program, "channels", "service-d")["settled"] == 1, awaited="a slow write")
    assert [one["kind"] for one in active(program)] == ["delay_store"]
    assert program.end() == 0  # a fault does not hold up the end


def test_a_breaker_that_is_opened_turns_calls_away(start, tmp_path):
    [port] = free_ports(1)
    file = tmp_path / "two.yaml"
    file.write_text("services:\n  a: {greeter: {greeting: Hi, calls: [b]}}\n"
                    f"  b: {{address: 'grpc://127.0.0.1:{port}', greeter: {{greeting: Ho}}}}\nnode: {{faults: allowed}}\n")
    start(str(file), "--service", "b", "--grpc", f"127.0.0.1:{port}", data=tmp_path / "b")
    program = start(str(file), "--service", "a", data=tmp_path / "a")
    eventually(lambda: missing(program) == "", awaited="a whole answer")
    for kind, error, closed in (("open_breaker", "breaker_open", False), ("cut_peer", "unavailable", True)):
        number = begun(program, kind, "b")
        eventually(lambda: error in missing(program), awaited=f"an answer without b by {kind}")
        assert (flow(program, "peers", "b")["breaker"] == "closed") is closed
        assert end(program, number) == 204
        eventually(lambda: missing(program) == "", within=40, awaited=f"a whole answer after {kind}")


def test_two_faults_on_the_same_and_unknown_ones_are_refused(start):
    program = start()
    begun(program, "hang_actor", "service-g/greeter", seconds=300)
    assert begin(program, "hang_actor", "service-g/greeter").status == 409
    unknown = begin(program, "hang_actor", "service-g/greter")
    assert unknown.status == 404 and "nearest: service-g/greeter" in unknown.json()["detail"]
    assert begin(program, "hang", "service-g/greeter").status == 404
    for seconds in (0, 301, "10", 1.5):
        assert begin(program, "hang_actor", "service-h/greeter", seconds=seconds).status == 400, seconds
    assert program.ask_admin("/faults", method="POST", body=b"{}").status == 415
    assert program.ask_admin("/faults", method="POST", body=b"[]", headers=JSON).status == 400


@pytest.mark.parametrize("how", ["one service of several", "a network", "a setting"])
def test_faults_are_refused_where_they_are_not_allowed(start, how):
    [port] = free_ports(1)
    options = {"one service of several": ({}, ["--service", "service-g"]),
               "a network": ({"admin": f"0.0.0.0:{port}", "env": {"TROUPE_ADMIN_TOKEN": "hush"}}, []),
               "a setting": ({"env": {"TROUPE_FAULTS": "refused"}}, [])}[how]
    program = start(*options[1], **options[0])
    token = {"Authorization": "Bearer hush"}
    where = f"127.0.0.1:{port}" if how == "a network" else program.admin
    listed = program.get("/faults", token, listener=where).json()
    assert listed["allowed"] is False and "TROUPE_FAULTS" in listed["reason"]
    body = json.dumps({"kind": "end_actor", "target": "service-g/greeter"}).encode()
    refused = program.get("/faults", {**JSON, **token}, "POST", body, listener=where)
    assert refused.status == 403 and refused.json()["detail"] == listed["reason"]
    path = "/tree"
    tree = program.get(path, token, listener=where).json()
    [service] = [one for one in tree["children"] if one["name"] == "service-g"]
    assert [child["restarts"] for child in service["children"]] == [0] * len(service["children"])


def place(program):
    return program.get("/v1/orders", method="POST", body=json.dumps({"item": "tea", "count": 1}).encode())


def test_a_program_of_an_author_s_has_the_page_and_its_services_are_cut_off_too(data):
    with running(data, program=SHOP) as program:
        assert program.ask_admin("/").status == 200 and program.get("/").status == 404
        number = begun(program, "cut_peer", "stock", seconds=300)
        assert place(program).status == 503
        assert end(program, number) == 204
        assert place(program).status == 200
        begun(program, "pause_channel", "orders", seconds=300)
        assert place(program).status == 200
        assert flow(program, "channels", "orders")["paused"] is True


def test_contracts_of_another_process_are_cut_off_or_turned_away(tmp_path):
    [port] = free_ports(1)
    topology = tmp_path / "apart.yaml"
    topology.write_text(APART)
    others = ("--service", "orders", "--service", "shipping")
    with running(tmp_path / "stock", str(topology), "--service", "stock", "--grpc", f"127.0.0.1:{port}", program=SHOP), \
            running(tmp_path / "rest", str(topology), *others, "--grpc", "127.0.0.1:0", program=SHOP,
                    env={"STOCK_URL": f"grpc://127.0.0.1:{port}", "TROUPE_FAULTS": "allowed"}) as rest:
        eventually(lambda: place(rest).status == 200, awaited="an order")
        for kind in ("open_breaker", "cut_peer"):
            number = begun(rest, kind, "stock", seconds=300)
            assert place(rest).status == 503, kind
            assert end(rest, number) == 204
            eventually(lambda: place(rest).status == 200, within=40, awaited=f"an order after {kind}")
