"""The page of greetings at the edge of the real program."""

import pathlib
import re
import signal

import pytest
from playwright.sync_api import expect

from driver.browser import DESK, PHONE
from driver.program import eventually
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
    trace = sight.page.locator("#trace code").inner_text()
    eventually(lambda: program.ask_admin(f"/traces/{trace}").status == 200, awaited="the trace that the page names")


@pytest.mark.parametrize("size, scheme", [(DESK, "dark"), (PHONE, "light")], ids=["desk-dark", "phone-light"])
def test_the_pages_of_the_edge_are_accessible_and_fit_their_screens(start, look, size, scheme):
    program = start(REFERENCE)
    sight = look(address(program), size=size, color_scheme=scheme, expected=("404",))
    submit(sight)
    expect(sight.page.locator(".card")).to_have_count(7)
    assert sight.faults_of_access() == [] and sight.fits()
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
    assert sight.page.locator("main img, main b").count() == 0


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
