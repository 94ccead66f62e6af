"""The page of greetings at the edge of the real program."""

import json
import pathlib
import re
import signal

import pytest
from playwright.sync_api import expect

from driver.browser import DESK, PHONE
from driver.ports import free_ports
from driver.reference import POST_ORDER, PRE_ORDER, TEXTS

REFERENCE = str(pathlib.Path(__file__).parents[2] / "deploy/topologies/reference-2019.yaml")


def address(program):
    return f"http://{program.http}"


def submit(sight, url=None):
    if url:
        sight.page.get_by_label("API URL").fill(url)
    sight.page.get_by_role("button", name="Submit").click()


@pytest.mark.parametrize("path, order", [("/api/greeting", POST_ORDER), ("/api/ping", POST_ORDER), ("/api/v1/greeting", PRE_ORDER)])
def test_greetings_are_cards_in_the_order_of_the_answer_with_the_time_it_took(start, look, path, order):
    program = start(REFERENCE)
    sight = look(address(program))
    expect(sight.page.get_by_label("API URL")).to_have_value(f"{address(program)}/api/greeting")
    submit(sight, address(program) + path)
    cards = sight.page.locator(".card")
    expect(cards.locator("h3")).to_have_text(order)
    expect(cards.locator(".message em")).to_have_text([TEXTS[each] for each in order])
    expect(cards.first).to_contain_text(re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}"))
    expect(sight.page.locator("#full-url")).to_have_text(address(program) + path)
    expect(sight.page.locator("#state")).to_have_text(re.compile(r"^Response time: ~\d+ ms, 7 greetings$"))
    expect(sight.page.locator("#when li")).to_have_count(7)
    sight.shoot("greetings")


def test_the_trace_of_the_call_is_drawn_with_what_it_sets_off(start, look):
    program = start(REFERENCE)
    sight = look(address(program))
    submit(sight)
    spans = sight.page.get_by_role("list", name="The trace of the call").get_by_role("listitem")
    for service in [f"service-{letter}" for letter in "abcdefgh"]:
        expect(spans.filter(has_text=service).first).to_be_visible()
    expect(spans.first).to_have_text(re.compile(r"^Level 1: GET /api/greeting .*, begins after 0 µs, takes [\d.]+ (µs|ms), ok$"))
    trace = sight.page.locator("#trace code").inner_text()
    kept = program.ask_admin(f"/traces/{trace}").json()["spans"]
    expect(spans).to_have_count(len(kept))
    bars = sight.page.locator("#trace .bar").evaluate_all(
        "all => all.map((bar) => { const [own, track] = [bar, bar.parentElement].map((each) => each.getBoundingClientRect());"
        " return own.width > 0 && own.left >= track.left - 1 && own.right <= track.right + 3; })")
    assert bars == [True] * len(kept), "each within its track"
    sight.shoot("trace")


def test_a_span_that_failed_is_drawn_with_its_reason(start, look):
    program = start(REFERENCE)
    body = json.dumps({"kind": "cut_peer", "target": "service-c", "seconds": 300}).encode()
    program.ask_admin("/faults", method="POST", body=body, headers={"Content-Type": "application/json"})
    sight = look(address(program))
    submit(sight)
    failed = sight.page.locator("#trace li").filter(has=sight.page.locator(".bar.failed"))
    expect(failed.first).to_contain_text("partial: service-c;part=greeting;error=unavailable")
    expect(sight.page.locator("#trace")).to_contain_text("of which failed")
    sight.shoot("failed-span")


def test_a_call_that_is_not_traced_and_a_trace_that_is_not_kept_are_said_to_be_so(start, look, tmp_path):
    program = start(REFERENCE, env={"OTEL_TRACES_SAMPLER": "always_off"})
    sight = look(address(program))
    submit(sight)
    expect(sight.page.locator("#trace")).to_have_text(re.compile("names no trace: this call is not among those that are traced"))
    [away] = free_ports(1)
    file = tmp_path / "exported.yaml"
    file.write_text(f"services: {{a: {{greeter: {{greeting: Hi}}}}}}\nnode: {{traces: {{kept: 0, endpoint: 'http://127.0.0.1:{away}'}}}}\n")
    program = start(str(file), data=tmp_path / "other")
    sight = look(address(program), expected=("404",))
    submit(sight)
    expect(sight.page.locator(".card")).to_have_count(1)
    expect(sight.page.locator("#trace")).to_have_text(re.compile("^The trace [0-9a-f]{32} is not kept here, or no longer.$"))


@pytest.mark.parametrize("size, scheme", [(DESK, "dark"), (PHONE, "light")], ids=["desk-dark", "phone-light"])
def test_the_pages_of_the_edge_are_accessible_and_fit_their_screens(start, look, size, scheme):
    program = start(REFERENCE)
    sight = look(address(program), size=size, color_scheme=scheme, expected=("404",))
    submit(sight)
    expect(sight.page.locator(".card")).to_have_count(7)
    expect(sight.page.locator("#trace li").nth(7)).to_be_visible()
    assert sight.faults_of_access() == [] and sight.fits()
    sight.shoot("whole")
    submit(sight, f"{address(program)}/api/nothing")
    expect(sight.page.locator(".box")).to_be_visible()
    assert sight.faults_of_access() == [] and sight.fits()
    sight.open("/api-docs")
    expect(sight.page.locator(".operation").first).to_be_visible()
    assert sight.faults_of_access() == [] and sight.fits()


def test_what_fails_is_shown_with_its_reason(start, look):
    program = start(REFERENCE)
    sight = look(address(program), expected=("404", "net::ERR_", "400"))
    box = sight.page.locator(".bad")
    submit(sight, f"{address(program)}/api/nothing")
    expect(box).to_contain_text("Not Found")
    submit(sight, "http://127.0.0.1:1/api/greeting")
    expect(box).to_contain_text(f"This page may call {address(program)} only.")
    submit(sight, f"{address(program)}/api/health")
    expect(box).to_contain_text("The answer is not a list of greetings.")
    program.end(signal.SIGKILL)
    submit(sight, f"{address(program)}/api/greeting")
    expect(box).to_contain_text("The server cannot be reached.")
    expect(sight.page.locator(".card")).to_have_count(0)
    sight.shoot("failed")


def test_a_greeting_of_a_stranger_is_shown_and_not_obeyed(start, look, tmp_path):
    file = tmp_path / "hostile.yaml"
    file.write_text('services: {a: {greeter: {name: "<b>a</b>", greeting: "<img src=x onerror=alert(1)>"}}}\n')
    program = start(str(file))
    sight = look(address(program))
    submit(sight)
    expect(sight.page.locator(".card")).to_contain_text("<img src=x onerror=alert(1)>")
    assert sight.page.locator("main img, .card b").count() == 0


def test_an_operation_of_the_api_can_be_tried(start, look):
    program = start(REFERENCE)
    sight = look(address(program))
    sight.page.get_by_role("link", name="API").click()
    expect(sight.page).to_have_url(f"{address(program)}/api-docs")
    described = program.get("/openapi.json").json()
    count = sum(verb in each for each in described["paths"].values() for verb in ("get", "put", "post", "delete", "patch", "options", "head"))
    expect(sight.page.locator(".operation")).to_have_count(count)
    button = sight.page.get_by_role("button", name=re.compile("^Try GET "))
    if not button.first.is_visible():
        sight.page.locator("summary", has_text="GET").first.click()
    button.first.click()
    expect(sight.page.locator(".operation h4", has_text="Answer 200")).to_be_visible()
    expect(sight.page.get_by_role("region", name="Body")).to_contain_text("Hello, from Service-A!")
    sight.shoot("tried")
