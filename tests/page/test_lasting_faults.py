"""Fault buttons whose faults last: each is pressed in the page of the real program, its effect is asked of the program and seen on
the page, and it ends by itself."""

import concurrent.futures
import re

import pytest
from playwright.sync_api import expect

from driver.ports import free_ports
from driver.program import eventually


def faults(program):
    return program.ask_admin("/faults").json()


def flow(program, of, name):
    return next(one for one in program.ask_admin("/flows").json()[of] if one["name"] == name)


def missing(program):
    return program.get("/api/v1/greeting").headers.get("troupe-missing", "")


def answer_question(sight, title, target, seconds):
    dialog = sight.page.get_by_role("dialog")
    expect(dialog).to_contain_text(target)
    dialog.get_by_label("Seconds").fill(str(seconds))
    dialog.get_by_role("button", name=title).click()


def press_beside(sight, of, title, target, seconds):
    """Makes a fault with the buttons below a table of the flows."""
    section = sight.page.locator(f"[data-of={of}]")
    section.get_by_label("What is made to fail").select_option(target)
    section.get_by_role("button", name=title).click()
    answer_question(sight, title, target, seconds)
    expect(section.get_by_role("status")).to_have_text(f"{title}, {target}: active")


def row_of(sight, of, name):
    return sight.page.locator(f"[data-of={of}] tbody tr").filter(has=sight.page.get_by_role("rowheader", name=name, exact=True))


def expect_its_end(sight, program, title, target):
    """The fault is shown with the time it has left, until it is over, which nobody has asked for."""
    sight.page.get_by_role("link", name="Faults").click()
    row = sight.page.locator("tbody tr", has_text=title)
    expect(row).to_contain_text(target)
    expect(row.locator("[data-left]")).to_have_text(re.compile(r"^[\d.]+ (ms|s)$"))
    expect(sight.page.get_by_text("None.")).to_be_visible(timeout=40_000)
    assert faults(program)["active"] == []
    assert any("fault: " in line and target in line and "is over" in line for line in program.lines), program.lines[-5:]


@pytest.fixture(name="two")
def one_service_that_calls_another(start, tmp_path):
    [port] = free_ports(1)
    file = tmp_path / "two.yaml"
    file.write_text("services:\n  a: {greeter: {greeting: Hi, calls: [b]}}\n"
                    f"  b: {{address: 'grpc://127.0.0.1:{port}', greeter: {{greeting: Ho}}}}\nnode: {{faults: allowed}}\n")
    start(str(file), "--service", "b", "--grpc", f"127.0.0.1:{port}", data=tmp_path / "b")
    program = start(str(file), "--service", "a", data=tmp_path / "a")
    eventually(lambda: missing(program) == "", awaited="a whole answer")
    return program


def test_an_open_breaker_is_shown_turns_calls_away_and_closes(two, look):
    sight = look(f"http://{two.admin}", "/#/flows")
    expect(row_of(sight, "peers", "b")).to_contain_text("closed")
    press_beside(sight, "peers", "Open breaker", "b", 15)
    expect(row_of(sight, "peers", "b")).to_contain_text("open")
    assert "b;part=greeting;error=breaker_open" in missing(two)
    assert two.metric("troupe_outbound_refused_total", to="b", reason="breaker_open") >= 1
    expect(sight.page.locator("svg .node[data-state=open]")).to_contain_text("breaker open")
    sight.shoot("open")
    expect_its_end(sight, two, "Open breaker", "b")
    eventually(lambda: missing(two) == "", awaited="a whole answer")
    sight.page.get_by_role("link", name="Flows").click()
    expect(row_of(sight, "peers", "b")).to_contain_text("closed")


def test_a_peer_of_another_process_that_is_cut_off_is_missing_and_its_failures_are_counted(two, look):
    sight = look(f"http://{two.admin}", "/#/flows")
    press_beside(sight, "peers", "Cut peer", "b", 15)
    assert "b;part=greeting;error=unavailable" in missing(two)
    expect(row_of(sight, "peers", "b").get_by_role("cell").nth(3)).to_have_text(re.compile(r"^[1-9]\d*( ·|$)"))
    sight.shoot("cut")
    expect_its_end(sight, two, "Cut peer", "b")
    eventually(lambda: missing(two) == "", within=40, awaited="a whole answer")


def test_a_service_of_this_process_that_is_cut_off_is_missing_and_its_failures_are_counted(start, look):
    program = start()
    assert missing(program) == ""
    sight = look(f"http://{program.admin}", "/#/flows")
    press_beside(sight, "peers", "Cut peer", "service-c", 15)
    assert "service-c;part=greeting;error=unavailable" in missing(program)
    calls, failed = (row_of(sight, "peers", "service-c").get_by_role("cell").nth(number) for number in (2, 3))
    expect(calls).to_have_text(re.compile(r"^2( ·|$)"))
    expect(failed).to_have_text(re.compile(r"^1( ·|$)"))
    expect_its_end(sight, program, "Cut peer", "service-c")
    assert missing(program) == ""


def test_an_actor_that_hangs_lets_its_messages_wait_in_sight_and_goes_on(start, look):
    program = start()
    sight = look(f"http://{program.admin}", "/#/tree/service-e%2Fgreeter")
    details = sight.page.locator(".details:visible")
    mailbox = details.locator(".facts > div", has_text="Mailbox")
    expect(mailbox).to_contain_text("0")
    details.get_by_role("button", name="Hang actor").click()
    answer_question(sight, "Hang actor", "service-e/greeter", 20)
    expect(details).to_contain_text("Hang actor, service-e/greeter: active")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        answer = pool.submit(program.get, "/api/v1/greeting")
        expect(mailbox).to_contain_text("1")
        sight.shoot("hangs")
        assert "service-e;part=greeting;error=deadline_exceeded" in answer.result().headers["troupe-missing"]
    expect_its_end(sight, program, "Hang actor", "service-e/greeter")
    assert missing(program) == ""
    sight.open("/#/tree/service-e%2Fgreeter")
    expect(mailbox).to_contain_text("0")
    expect(details.locator(".facts > div", has_text="Restarts")).to_contain_text("0")


def test_a_store_that_is_delayed_holds_back_what_is_written_to_it_and_loses_nothing(start, look):
    program = start()
    sight = look(f"http://{program.admin}", "/#/flows")
    press_beside(sight, "stores", "Delay store", "store", 20)
    took = program.metric("troupe_embedded_end_to_end_seconds_sum")
    for count in range(1, 4):
        assert missing(program) == ""
        eventually(lambda: flow(program, "channels", "service-d")["settled"] == count, awaited="a slow write")
    assert program.metric("troupe_embedded_end_to_end_seconds_sum") - took > 0.3, "three writes waited up to a second each"
    expect(row_of(sight, "stores", "store").get_by_role("cell").nth(1)).to_have_text(re.compile("^[1-9]"))
    sight.shoot("delayed")
    expect_its_end(sight, program, "Delay store", "store")
    assert flow(program, "channels", "service-d")["dead_letters"] == 0 and flow(program, "stores", "store")["failed"] == 0
