"""What the operator's page shows of the real program, beside faults."""

import pathlib
import re
import signal

from playwright.sync_api import expect

from driver.browser import PHONE
from driver.ports import free_ports
from driver.program import eventually
from driver.stored import dead_letters

REFERENCE = str(pathlib.Path(__file__).parents[2] / "deploy/topologies/reference-2019.yaml")
AWAY = ("net::ERR_", "Failed to load resource")
UNREAD = """services:
  talker: {producers: [{to: q, limit: 2, every: 1ms, text: "<img src=x onerror=alert(1)> {n}"}]}
  reader: {consumers: [{from: q, store: reader.messages}]}
queues: {q: }
"""
READ = """services:
  reader: {consumers: [{from: q}]}
queues: {q: }
"""  # it logs them


def address(program):
    return f"http://{program.admin}"


def test_flows_traces_logs_and_settings_are_those_of_the_program(start, look):
    program = start(REFERENCE, "--log-level", "debug")
    answer = program.get("/api/v1/greeting")
    trace = answer.headers["traceresponse"].split("-")[1]
    sight = look(address(program), "/#/flows")
    page = sight.page
    expect(page.locator("#program")).to_have_text("troupe")
    services = page.locator("[data-of=services] tbody th")
    expect(services).to_have_count(9)
    assert set(services.all_inner_texts()) == {f"service-{each}" for each in "abcdefgh"} | {"service-rev-proxy"}
    expect(page.locator("svg .node.service")).to_have_count(9)
    expect(page.locator("[data-of=channels] tbody tr").first).to_contain_text(re.compile(r"\d/s"))  # a rate, of two answers
    sight.shoot("flows")
    eventually(lambda: program.ask_admin(f"/traces/{trace}").status == 200, awaited="the trace")
    page.get_by_role("link", name="Traces").click()
    page.get_by_label("Filter").locator("visible=true").fill(trace)
    page.get_by_role("button", name="GET /api/v1/greeting").first.click()
    spans = program.ask_admin(f"/traces/{trace}").json()["spans"]
    expect(page.locator(".waterfall > li")).to_have_count(len(spans))
    page.locator(".waterfall button").first.click()
    expect(page.locator(".span-more:visible")).to_contain_text("/api/v1/greeting")
    sight.shoot("trace")
    page.get_by_role("link", name="Its log lines").click()
    expect(page.get_by_label("Trace", exact=True)).to_have_value(trace)
    page.get_by_label("Trace", exact=True).fill("")
    expect(page.locator(".rows:visible tbody tr:not(.spacer)").first).to_be_visible()
    page.get_by_label("Log from level").select_option("error")
    eventually(lambda: program.ask_admin("/log-level").json() == {"level": "error"}, awaited="the level")
    sight.shoot("logs")
    page.get_by_role("link", name="Settings").click()
    page.get_by_label("Show").locator("visible=true").select_option("given")
    page.get_by_label("Filter").locator("visible=true").fill("log")
    expect(page.locator(".rows:visible tbody")).to_contain_text("debug")
    expect(page.locator(".rows:visible tbody")).to_contain_text("flag")
    sight.shoot("settings")


def test_a_dead_letter_is_shown_as_it_is_and_redriven_after_a_restart_that_reads_it(start, look, tmp_path):
    [port] = free_ports(1)
    unread, read = tmp_path / "unread.yaml", tmp_path / "read.yaml"
    unread.write_text(UNREAD)
    read.write_text(READ)
    program = start(str(unread), admin=f"127.0.0.1:{port}")
    eventually(lambda: len(dead_letters(program.file)) == 2, awaited="two dead letters")
    first = dead_letters(program.file)[0]
    sight = look(address(program), "/#/dead-letters", expected=AWAY)
    page = sight.page
    summary = page.locator(".summary:visible")
    expect(summary).to_have_text("2 dead letters")
    page.get_by_role("button", name=str(first[0]), exact=True).click()
    details = page.locator(".details:visible")
    expect(details.locator(".payload")).to_have_text("<img src=x onerror=alert(1)> 0")
    expect(details).to_contain_text("undecodable")
    sight.shoot("letter")
    details.get_by_role("link", name=re.compile("^[0-9a-f]{32}$")).click()
    expect(page.locator(".span-error:visible").first).to_contain_text("undecodable")
    expect(page.locator(".waterfall")).to_contain_text("dead letter q")
    sight.shoot("letter-trace")
    page.go_back()
    details.get_by_role("button", name="Redrive this one").click()
    page.get_by_role("dialog").get_by_role("button", name="Redrive").click()
    expect(page.locator(".redrive")).to_contain_text("1 redriven; 1 set aside again")  # its reader still cannot read it
    eventually(lambda: [each[0] for each in dead_letters(program.file)] == [first[0] + 1, first[0] + 2], awaited="the new letter")
    expect(details.get_by_role("button", name="Redrive this one")).to_be_disabled()
    expect(details).to_contain_text("It is here no longer.")
    sight.shoot("again")

    program.end(signal.SIGKILL)
    expect(page.locator("#connection")).to_contain_text("connection lost since")
    program = start(str(read), admin=f"127.0.0.1:{port}")
    expect(page.locator("#connection")).to_have_attribute("data-state", "live")
    page.get_by_role("button", name="Redrive all of every source").click()
    page.get_by_role("dialog").get_by_role("button", name="Redrive all").click()
    expect(page.locator(".redrive")).to_contain_text("2 redriven; none set aside again")
    expect(summary).to_have_text("0 dead letters")
    assert dead_letters(program.file) == []


def test_another_process_in_its_place_is_shown_as_a_restart(start, look, data):
    [port] = free_ports(1)
    program = start(REFERENCE, admin=f"127.0.0.1:{port}")
    sight = look(address(program), expected=AWAY)
    expect(sight.page.get_by_role("button", name="service-a", exact=True)).to_be_visible()
    program.end(signal.SIGKILL)
    expect(sight.page.locator("#connection")).to_contain_text("connection lost since")
    start(REFERENCE, admin=f"127.0.0.1:{port}")
    expect(sight.page.locator("#connection")).to_have_attribute("data-state", "live")
    expect(sight.page.locator(".changes")).to_contain_text("the program was restarted")
    sight.shoot("restarted")


def test_every_view_of_the_real_program_is_accessible_and_fits_a_phone(start, look):
    program = start(REFERENCE)
    assert program.get("/api/v1/greeting").status == 200
    sight = look(address(program), size=PHONE)
    for view in ("tree", "flows", "traces", "dead-letters", "logs", "settings", "faults"):
        sight.open(f"/#/{view}")
        expect(sight.page.locator("#connection")).to_have_attribute("data-state", "live")
        expect(sight.page.locator(f"#view-{view} [role=region]").first).to_be_attached()
        assert sight.faults_of_access() == [], view
        assert sight.fits(), view
        sight.shoot(view)


def test_a_token_of_the_program_is_asked_for_and_no_secret_is_shown(start, look):
    [port] = free_ports(1)
    program = start(REFERENCE, admin=f"127.0.0.1:{port}", env={"TROUPE_ADMIN_TOKEN": "hush-hush"})
    sight = look(address(program), expected=("401",))
    sight.page.get_by_role("textbox", name="Token").fill("hush-hush")
    sight.page.get_by_role("button", name="Continue").click()
    expect(sight.page.get_by_role("button", name="service-a", exact=True)).to_be_visible()
    sight.page.get_by_role("link", name="Settings").click()
    sight.page.get_by_label("Filter").locator("visible=true").fill("token")
    expect(sight.page.locator(".rows:visible tbody")).to_contain_text("env:TROUPE_ADMIN_TOKEN")
    for view in ("settings", "logs", "flows"):
        sight.open(f"/#/{view}")
        expect(sight.page.locator("#connection")).to_have_attribute("data-state", "live")
        expect(sight.page.locator("body")).not_to_contain_text("hush-hush")
    assert "hush-hush" not in program.ask_admin("/settings", headers={"Authorization": "Bearer hush-hush"}).text()
