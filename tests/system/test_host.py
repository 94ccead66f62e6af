"""A program of an author's own services: examples/shop, in one process and in several."""

import json
import pathlib

import pytest

from driver.program import eventually, example_path, run_once, running
from driver.stored import dead_letters, documents, query, waiting

SHOP = example_path("shop")
TIMER = example_path("6-timer")
CODE = pathlib.Path(__file__).resolve().parents[2] / "examples/shop/shop.cpp"
CHANNELS = "streams: {orders: {}, labels: {}}\n"


def place(program, count=1, item="tea", headers=None):
    return program.get("/v1/orders", method="POST", body=json.dumps({"item": item, "count": count}).encode(), headers=headers)


def shipments(program):
    return documents(program.file, "shop", "shipments")


def line_of(text):
    """Where the code says it, as mistakes name the place."""
    number, = (number for number, line in enumerate(CODE.read_text().splitlines(), 1) if text in line)
    return f"shop.cpp:{number}"


def checked(tmp_path, text, *options):
    topology = tmp_path / "t.yaml"
    topology.write_text(text)
    ran = run_once("check", str(topology), "--data", str(tmp_path / "data"), *options, program=SHOP, cwd=tmp_path)
    return ran.returncode, ran.stderr.replace(f"{tmp_path}/", "")


@pytest.fixture(name="shop")
def all_in_one(data):
    with running(data, program=SHOP) as program:
        yield program


def test_an_order_is_shipped_once_in_one_process_without_topology_and_server(shop):
    placed = place(shop).json()
    assert list(placed) == ["order", "cents"] and placed["cents"] == 350
    eventually(lambda: shipments(shop))
    assert shipments(shop) == {placed["order"]: {"order": placed["order"], "item": "tea", "count": 1}}
    assert list(documents(shop.file, "shop", "reservations").values()) == [{"item": "tea", "count": 1}]
    eventually(lambda: waiting(shop.file, "labels") == 1)
    assert [child["name"] for child in shop.tree()["children"]] == ["bridges", "stock", "orders", "shipping"]
    eventually(lambda: shop.metric("troupe_embedded_settled_total", group="shipping") == 1)


def test_a_repeated_call_publishes_the_same_message_again_and_is_shipped_once(shop):
    headers = {"Troupe-Call-Id": "7e9d9b29-5c1c-4b3e-9d0a-0f6ec1b9f7aa"}
    place(shop, headers=headers)
    place(shop, headers=headers)
    eventually(lambda: shop.metric("troupe_embedded_settled_total", group="shipping") == 2)
    assert len(shipments(shop)) == 1
    assert len(documents(shop.file, "shop", "reservations")) == 1


def test_what_was_accepted_is_shipped_after_a_kill(data):
    with running(data, program=SHOP) as program:
        accepted = sum(place(program).status == 200 for _ in range(5))
        program.kill()
    with running(data, program=SHOP) as program:
        eventually(lambda: len(shipments(program)) == accepted == 5)


def test_the_contract_is_served_over_grpc_where_the_command_line_says_so(data):
    with running(data, "--grpc", "127.0.0.1:0", program=SHOP) as program:
        assert program.grpc and place(program).status == 200


def test_services_of_two_processes_call_one_another_over_grpc(tmp_path):
    topology = tmp_path / "t.yaml"
    topology.write_text("services: {stock: {address: 'grpc://127.0.0.1:1'}, orders: {}, shipping: {}}\n" + CHANNELS)
    with running(tmp_path / "stock", str(topology), "--service", "stock", "--grpc", "127.0.0.1:0", program=SHOP) as stock:
        with running(tmp_path / "rest", str(topology), "--service", "orders", "--service", "shipping", "--grpc", "127.0.0.1:0",
                     program=SHOP, env={"STOCK_URL": f"grpc://{stock.grpc}"}) as rest:
            assert place(rest, 2).json()["cents"] == 700
            refused = place(rest, item="beer")
            assert (refused.status, refused.json()["message"]) == (404, "nobody sells beer")
            eventually(lambda: len(shipments(rest)) == 1)
            assert stock.get("/v1/orders", method="POST", body=b"{}").status == 404  # it has no such route
            stock.kill()
            assert place(rest).status == 503
            assert rest.get("/readyz").status == 200


def test_the_plan_shows_routes_and_actors_and_settings_of_the_code(tmp_path):
    ran = run_once("check", "--data", str(tmp_path), program=SHOP)
    assert ran.returncode == 0
    assert "shop.Orders     contract, calls stock" in ran.stdout
    assert "POST /v1/orders" in ran.stdout
    assert "consumers[0].group" in ran.stdout and "code" in ran.stdout
    assert "greet" not in ran.stdout and "reference" not in ran.stdout.replace('"reference"', "").replace("compatibility", "")


def timer_topology(tmp_path, **settings):
    topology = tmp_path / "t.yaml"
    topology.write_text("services:\n"
                        + f"  buying: {{settings: {json.dumps({'count': 7, **settings})}}}\n"
                        + f"  planning: {{settings: {json.dumps(settings)}}}\n"
                        + "  keeping: {}\nstreams: {orders: }\n")
    return str(topology)


def test_settings_of_the_code_are_read_from_topology_and_environment_and_shown_with_their_source(data, tmp_path):
    topology = timer_topology(tmp_path)
    ran = run_once("check", topology, "--data", str(data), "--explain", program=TIMER, env={"PLANNING_COUNT": "9"})
    assert ran.returncode == 0
    shown = [line.split() for line in ran.stdout.splitlines() if line.strip().startswith("settings.")]
    journal = ["settings.journal", '"/dev/null"', "default"]
    assert shown == [["settings.count", "7", f"{topology}:2:32"], journal,
                     ["settings.count", "9", "environment", "PLANNING_COUNT"], journal]
    assert "allowed: 1 to 100\n        default: 5\n        reason: a pallet" in ran.stdout
    with running(data, topology, program=TIMER) as program:
        eventually(lambda: documents(program.file, "restocking", "wanted") == {"tea": {"item": "tea", "count": 7}})
    wrong = run_once("check", timer_topology(tmp_path, count=700), "--data", str(data), program=TIMER)
    assert wrong.returncode == 2
    assert wrong.stderr.splitlines()[0].endswith('t.yaml:2:32: "700" is not allowed here; expected 1 to 100')


def test_steps_begin_in_order_and_end_in_reverse(data, tmp_path):
    journal = tmp_path / "journal"
    with running(data, timer_topology(tmp_path, journal=str(journal)), program=TIMER) as program:
        assert journal.read_text().splitlines() == ["buying begins", "planning begins"]
        assert program.end() == 0
    assert journal.read_text().splitlines() == ["buying begins", "planning begins", "planning has ended", "buying has ended"]


def test_a_step_that_fails_ends_the_program_with_one_line_and_undoes_those_before_it(data, tmp_path):
    journal = tmp_path / "journal"
    topology = tmp_path / "t.yaml"
    topology.write_text(f"services:\n  buying: {{settings: {{journal: {journal}}}}}\n"
                        f"  planning: {{settings: {{journal: {tmp_path}/away/journal}}}}\n  keeping: {{}}\nstreams: {{orders: }}\n")
    ran = run_once("run", str(topology), "--data", str(data), "--http", "127.0.0.1:0", "--admin", "127.0.0.1:0", program=TIMER)
    assert ran.returncode == 1
    assert ran.stderr == ("restocking: cannot start: the step planning/journal failed: "
                          f"{tmp_path}/away/journal cannot be written\n")
    assert journal.read_text().splitlines() == ["buying begins", "buying has ended"]


def test_a_health_check_of_the_code_decides_readiness_with_its_words(data, tmp_path):
    journal = tmp_path / "journal"
    with running(data, timer_topology(tmp_path, journal=str(journal)), program=TIMER) as program:
        check, = (one for one in program.get("/readyz").json()["checks"] if one["name"] == "buying/journal")
        assert check["status"] == "passing"
        journal.unlink()
        eventually(lambda: program.get("/readyz").status == 503)
        check, = (one for one in program.get("/readyz").json()["checks"] if one["name"] == "buying/journal")
        assert (check["status"], check["detail"]) == ("failing", f"{journal} is gone")
        assert program.get("/livez").status == 200
        journal.write_text("")
        eventually(lambda: program.get("/readyz").status == 200)


def test_a_program_speaks_by_its_own_name_and_has_no_routes_of_the_reference_platform(shop, data):
    second = run_once("run", "--data", str(data), "--http", "127.0.0.1:0", "--admin", "127.0.0.1:0", program=SHOP)
    assert second.returncode == 1 and second.stderr.startswith("shop: cannot start: ")
    for path in ("/api/health", "/api/status/200", "/api/request-echo", "/api/greeting"):
        assert shop.get(path).status == 404


def test_code_and_topology_are_compared_with_place_and_nearest_name(tmp_path):
    code, errors = checked(tmp_path, "services:\n  stok: {}\n  orders: {}\n  shipping: {}\nstreams: {oders: {}, labels: {}}\n")
    assert code == 2
    assert errors.splitlines() == [
        't.yaml:2:3: shop has no service "stok"; expected stock, orders or shipping, or an "address" of a service of another '
        'program; did you mean "stock"?',
        't.yaml:5:11: no service of shop uses the stream "oders"; expected a channel of the code; did you mean "orders"?',
        f'{line_of("serves<stock>")}: service stock: the topology has no service "stock"; expected one below "services"; did you mean '
        '"stok"?',
        f'{line_of("context.publishes")}: service orders: there is no stream or queue "orders"; expected a name below "streams" or '
        '"queues"; did you mean "oders"?',
        f'{line_of("consumes(")}: service shipping: there is no stream or queue "orders"; expected a name below "streams" or "queues"; '
        'did you mean "oders"?',
    ]


def test_a_service_without_an_address_cannot_be_called_from_another_process(tmp_path):
    code, errors = checked(tmp_path, "services: {stock: {}, orders: {}, shipping: {}}\n", "--service", "orders")
    assert code == 2
    assert errors.startswith(f'{line_of("context.calls")}: service orders: orders calls "stock", which does not run in this process')


def test_a_topology_may_say_how_a_consumer_of_the_code_consumes(tmp_path):
    code, errors = checked(tmp_path, "services:\n  stock: {}\n  orders: {}\n"
                                     "  shipping: {consumers: [{from: orders, group: g, timeout: 5s, store: a.b}]}\n")
    assert (code, errors) == (2, 't.yaml:4:71: the deliveries of "orders" are handled by code; expected neither "store" nor '
                                 '"into"\n')


def test_what_no_codec_reads_becomes_a_dead_letter_with_its_bytes_unchanged(data, tmp_path):
    topology = tmp_path / "t.yaml"
    topology.write_text("services:\n  stock: {}\n  orders: {}\n  shipping: {producers: [{to: orders, text: no order, limit: 1}]}\n")
    with running(data, str(topology), program=SHOP) as program:
        eventually(lambda: dead_letters(program.file))
        (_, source, error, _, payload), = dead_letters(program.file)
        assert (source, error) == ("orders", "undecodable") and payload in (b"no order", "no order")
        assert place(program).status == 200
        eventually(lambda: shipments(program))
    listed = run_once("dead-letters", "list", "--data", str(data), program=SHOP)
    assert listed.returncode == 0 and "undecodable" in listed.stdout
    assert query(data / "troupe.sqlite", "SELECT count(*) FROM dead_letters") == [(1,)]
