"""A program of an author's own services: examples/5-service.cpp, in one process and in several."""

import json
import pathlib

import pytest

from driver.program import eventually, example_path, run_once, running
from driver.stored import dead_letters, documents, query

SHOP = example_path("5-service")
TOPOLOGY = pathlib.Path(__file__).resolve().parents[2] / "examples/5-service.yaml"


def place(program, count=1, item="tea", headers=None):
    return program.get("/v1/orders", method="POST", body=json.dumps({"item": item, "count": count}).encode(), headers=headers)


def shipments(program):
    return documents(program.file, "shop", "shipments")


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
    assert place(shop).json() == {"left": 4}
    eventually(lambda: shipments(shop))
    assert list(shipments(shop).values()) == [{"item": "tea", "count": 1}]
    assert [child["name"] for child in shop.tree()["children"]] == ["bridges", "stock", "orders", "shipping"]
    eventually(lambda: shop.metric("troupe_embedded_settled_total", group="shipping") == 1)


def test_a_repeated_call_publishes_the_same_message_again_and_is_shipped_once(shop):
    headers = {"Troupe-Call-Id": "7e9d9b29-5c1c-4b3e-9d0a-0f6ec1b9f7aa"}
    place(shop, headers=headers)
    place(shop, headers=headers)
    eventually(lambda: shop.metric("troupe_embedded_settled_total", group="shipping") == 2)
    assert len(shipments(shop)) == 1


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
    with running(tmp_path / "stock", str(TOPOLOGY), "--service", "stock", "--grpc", "127.0.0.1:0", program=SHOP) as stock:
        with running(tmp_path / "rest", str(TOPOLOGY), "--service", "orders", "--service", "shipping", "--grpc", "127.0.0.1:0",
                     program=SHOP, env={"STOCK_URL": f"grpc://{stock.grpc}"}) as rest:
            assert place(rest, 2).json() == {"left": 3}
            refused = place(rest, 4)
            assert (refused.status, refused.json()["message"]) == (400, "3 left of tea")
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


def test_code_and_topology_are_compared_with_place_and_nearest_name(tmp_path):
    code, errors = checked(tmp_path, "services:\n  stok: {}\n  orders: {}\n  shipping: {}\nstreams: {oders: {}}\n")
    assert code == 2
    assert errors.splitlines() == [
        't.yaml:2:3: shop has no service "stok"; expected stock, orders or shipping, or an "address" of a service of another '
        'program; did you mean "stock"?',
        't.yaml:5:11: no service of shop uses the stream "oders"; expected a channel of the code; did you mean "orders"?',
        'code: service stock: the topology has no service "stock"; expected one below "services"; did you mean "stok"?',
        'code: service orders: there is no stream or queue "orders"; expected a name below "streams" or "queues"; did you mean '
        '"oders"?',
        'code: service shipping: there is no stream or queue "orders"; expected a name below "streams" or "queues"; did you '
        'mean "oders"?',
    ]


def test_a_service_without_an_address_cannot_be_called_from_another_process(tmp_path):
    code, errors = checked(tmp_path, "services: {stock: {}, orders: {}, shipping: {}}\n", "--service", "orders")
    assert code == 2 and errors.startswith('code: service orders: orders calls "stock", which does not run in this process')


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
