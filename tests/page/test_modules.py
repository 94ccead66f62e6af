"""What the pages decide, without what they show: their modules, in the browser that runs them."""

import shutil

import pytest

from driver.administration import UI

GREETING = UI.parent / "greeting"


@pytest.fixture(name="run")
def in_the_page(admin, look):
    """Calls JavaScript with a module of the operator's page."""
    page = look(admin.address).page

    def call(module, body, argument=None):
        return page.evaluate(f"async (given) => {{ const of = await import('/ui/{module}'); {body} }}", argument)

    return call


@pytest.fixture(name="greet")
def in_the_page_of_greetings(admin, look, monkeypatch, tmp_path):
    for each in [*GREETING.iterdir(), UI / "span_order.js"]:  # as the program has them
        shutil.copy(each, tmp_path)
    monkeypatch.setattr("driver.administration.UI", tmp_path)
    page = look(admin.address).page

    def call(module, body, argument=None):
        return page.evaluate(f"async (given) => {{ const of = await import('/ui/{module}'); {body} }}", argument)

    return call


PARSE = "const events = []; const parse = of.event_parser((one) => events.push([one.id, one.data])); given.forEach(parse); return events;"
STREAM = ": heartbeat\r\n\r\nevent: tree\r\nid: 7\r\ndata: {\"a\":1}\r\n\r\ndata: x\ndata: y\n\nid: 8\n\n"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_events_are_the_same_however_their_bytes_arrive(run, size):
    pieces = [STREAM[at:at + size] for at in range(0, len(STREAM), size)]
    assert run("event_parser.js", PARSE, pieces) == [["7", '{"a":1}'], ["7", "x\ny"]]


@pytest.mark.parametrize("typed, item", [("#/tree/shop%2Fworker", "shop/worker"), ("#/tree/100%", "100%"), ("#/logs", None)])
def test_an_address_that_a_person_typed_has_a_view(run, typed, item):
    assert run("router.js", "return of.parsed(given).item;", typed) == item


RATE = """const flows = (uptime, settled) => ({uptime_seconds: uptime, services: [], stores: [], peers: [], channels: [{name: 'c', settled, lag: null}]});
  return of.with_rates({flows: flows(...given[1]), at: 3000}, given[0] && {flows: flows(...given[0]), at: 1000}).channels[0].rates.settled;"""


@pytest.mark.parametrize("before, now, rate", [([5, 10], [7, 16], 3), ([5, 10], [1, 16], None), ([5, 10], [7, 9], None), (None, [7, 16], None)])
def test_a_rate_is_made_of_two_answers_of_the_same_process_only(run, before, now, rate):
    assert run("rates.js", RATE, [before, now]) == rate


def test_a_graph_with_a_circle_is_laid_out_and_no_two_nodes_stand_on_each_other(run):
    service = {"serves": [], "publishes": [], "consumes": [], "stores": []}
    flows = {"services": [{**service, "name": "a", "calls": ["b"]}, {**service, "name": "b", "calls": ["c", "d"]},
                          {**service, "name": "c", "calls": ["a"]}], "channels": [], "stores": [],
             "peers": [{"name": "b"}, {"name": "d"}]}
    places = run("flow_layout.js", "return [...of.laid_out(of.graph_of(given)).nodes.values()].map((each) => [each.id, each.x, each.y]);", flows)
    assert {each[0] for each in places} == {"service a", "service b", "service c", "peer d"}
    assert len({(x, y) for _, x, y in places}) == 4


def test_spans_stand_below_their_parents_and_none_is_lost_in_a_circle(run):
    def span(id_, parent, at):
        return {"id": id_, "parent": parent, "began": f"2026-01-02T03:04:05.{at:09d}Z", "ms": 1}
    spans = [span("root", None, 1_000), span("child", "root", 2_500), span("orphan", "elsewhere", 3_000), span("x", "y", 4_000), span("y", "x", 5_000)]
    rows = run("span_order.js", "return of.ordered(given).map((each) => [each.span.id, each.depth, Math.round(each.from * 1e6)]);", spans)
    assert [each[:2] for each in rows[:3]] == [["root", 0], ["child", 1], ["orphan", 0]]
    assert sorted(each[0] for each in rows) == ["child", "orphan", "root", "x", "y"]
    assert abs(rows[1][2] - 1_500) < 500, "nanoseconds"


def test_what_was_set_aside_again_is_a_later_letter_of_the_same_id(run):
    sent = [{"number": "117193221777680559", "id": "a"}, {"number": "4", "id": "b"}]
    now = [{"number": "4", "id": "b"}, {"number": "117193221777680560", "id": "a"}, {"number": "10", "id": "c"}]
    assert run("redrive.js", "return of.returned(...given).map((each) => each.number);", [sent, now]) == ["117193221777680560"]


@pytest.mark.parametrize("text", ["2026-01-02T03:04:05.123456789Z", "2026-01-02T05:04:05.123456789+02:00",
                                  "2026-01-02 03:04:05.123456789 +0000 UTC", "2026-01-02 01:34:05.123456789 -0130 XYZ"])
def test_times_are_read_as_every_form_of_service_writes_them(greet, text):
    assert greet("moments.js", "return of.parse_time(given);", text) == pytest.approx(1767323045123.4568, abs=0.01)


def test_missing_parts_are_read_from_their_header(greet):
    header = "service-d;part=publish;error=storage_failed, service-e;part=greeting;error=deadline_exceeded"
    assert greet("problems.js", "return of.missing_parts(given);", header) == [
        {"service": "service-d", "part": "publish", "error": "storage_failed"},
        {"service": "service-e", "part": "greeting", "error": "deadline_exceeded"}]


def test_an_operation_has_an_example_of_its_body_and_an_address_of_its_values(greet):
    document = {"paths": {"/books/{id}": {"post": {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}, {"name": "q", "in": "query"}, {"name": "r", "in": "query"}],
        "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Book"}}}}}}},
        "components": {"schemas": {"Book": {"type": "object", "properties": {"pages": {"type": "integer"}, "next": {"$ref": "#/components/schemas/Book"}}}}}}
    found = greet("openapi.js", "const [one] = of.operations_of(given); return [one.body, of.address_of(one, {id: 'a/b', q: '1&2', r: ''})];", document)
    assert found[1] == "/books/a%2Fb?q=1%262" and '"pages": 0' in found[0]  # a schema of itself ends
