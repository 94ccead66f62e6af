"""Fault buttons, pressed in the page of the real program, whose effect is then asked of the program."""

import pathlib
import re

import pytest
from playwright.sync_api import expect

from driver.program import eventually

REFERENCE = str(pathlib.Path(__file__).parents[2] / "deploy/topologies/reference-2019.yaml")


def actor(program, path):
    found = program.tree()
    for name in path.split("/"):
        found = next(one for one in found["children"] if one["name"] == name)
    return found


def faults(program):
    return program.ask_admin("/faults").json()


def targets(program, kind):
    return next(each["targets"] for each in faults(program)["kinds"] if each["kind"] == kind)


def press(sight, kind, target, title, seconds=None):
    """Makes a fault in the view of faults, and answers its question."""
    form = sight.page.locator(f"form[data-kind={kind}]")
    form.get_by_label("Target").fill(target)
    form.get_by_role("button", name=title).click()
    dialog = sight.page.get_by_role("dialog")
    expect(dialog).to_contain_text(target)
    if seconds:
        dialog.get_by_label("Seconds").fill(str(seconds))
    dialog.get_by_role("button", name=title).click()
    return form


@pytest.mark.parametrize("kind, title", [("end_actor", "End actor"), ("fail_actor", "Fail actor")])
def test_an_actor_that_is_made_to_end_is_started_again_before_the_reader_s_eyes(start, look, kind, title):
    program = start(REFERENCE)
    path = next(each for each in targets(program, kind) if each.startswith("service-a/"))
    before = actor(program, path)
    sight = look(f"http://{program.admin}", f"/#/tree/{path.replace('/', '%2F')}")
    details = sight.page.locator(".details:visible")
    expect(sight.page.locator("tr.selected")).to_be_in_viewport()
    details.get_by_role("button", name=title).click()
    expect(sight.page.get_by_role("dialog")).to_contain_text(path)
    sight.page.get_by_role("dialog").get_by_role("button", name=title).click()
    expect(details).to_contain_text(f"{title}, {path}: done")
    expect(sight.page.locator(".changes")).to_contain_text(re.compile(rf"{re.escape(path)} restarted, incarnation {before['incarnation'] + 1}: ."))
    after = actor(program, path)
    assert after["incarnation"] == before["incarnation"] + 1 and after["restarts"] == before["restarts"] + 1
    expect(details.locator(".facts > div", has_text="Restarts")).to_contain_text(str(after["restarts"]))
    expect(details).to_contain_text(after["last_error"])
    sight.shoot(kind)
    assert program.metric("troupe_faults_total", kind=kind) == 1
    assert any("fault: " in line and path in line for line in program.lines)


def test_nothing_is_done_where_the_question_is_answered_with_no(start, look):
    program = start(REFERENCE)
    [target] = targets(program, "pause_channel")
    sight = look(f"http://{program.admin}", "/#/faults")
    form = sight.page.locator("form[data-kind=pause_channel]")
    form.get_by_label("Target").fill(target)
    form.get_by_role("button", name="Pause channel").click()
    sight.page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(sight.page.get_by_role("dialog")).to_have_count(0)
    assert faults(program)["active"] == []
    assert program.metric("troupe_faults_total", kind="pause_channel") == 0


def test_a_paused_channel_is_shown_and_goes_on_when_its_fault_is_ended(start, look):
    program = start(REFERENCE)
    [target] = targets(program, "pause_channel")
    sight = look(f"http://{program.admin}", "/#/faults")
    press(sight, "pause_channel", target, "Pause channel", 120)
    row = sight.page.locator("tbody tr", has_text="Pause channel")
    expect(row).to_contain_text(target)
    expect(row.locator("[data-left]")).to_have_text(re.compile(r"^(1 min|2 min) \d+ s$"))
    [active] = faults(program)["active"]
    assert (active["kind"], active["target"]) == ("pause_channel", target) and 100 < active["ends_in_seconds"] <= 120
    sight.shoot("active")
    assert program.get("/api/v1/greeting").status == 200
    sight.page.get_by_role("link", name="Flows").click()
    expect(sight.page.locator("[data-of=channels] tbody tr")).to_contain_text("paused")
    expect(sight.page.locator("svg .node.channel")).to_have_attribute("data-state", "paused")
    sight.shoot("flows")
    sight.page.get_by_role("link", name="Faults").click()
    sight.page.get_by_role("button", name="End now").click()
    expect(sight.page.get_by_text("None.")).to_be_visible()
    assert faults(program)["active"] == []
    sight.page.get_by_role("link", name="Flows").click()
    expect(sight.page.locator("[data-of=channels] tbody tr")).to_contain_text("flowing")
    eventually(lambda: program.metric("troupe_stored_total", service="service-f") > 0 or program.ask_admin("/flows").json()["channels"][0]["settled"] > 0,
               awaited="the delivery that waited")


def test_what_the_program_refuses_is_said_with_its_reason(start, look):
    program = start(REFERENCE)
    sight = look(f"http://{program.admin}", "/#/faults", expected=("404",))
    form = press(sight, "pause_channel", "service-dd", "Pause channel")
    expect(form.get_by_role("status")).to_contain_text("there is no target of pause_channel 'service-dd'; nearest: service-d")


def test_the_buttons_are_disabled_where_faults_are_refused(start, look):
    program = start(REFERENCE, env={"TROUPE_FAULTS": "refused"})
    sight = look(f"http://{program.admin}", "/#/faults")
    expect(sight.page.get_by_text("Faults are refused here")).to_be_visible()
    expect(sight.page.get_by_role("button", name="End actor")).to_be_disabled()


def test_a_store_that_is_made_to_fail_is_a_missing_part_on_the_page_of_greetings(start, look):
    program = start(REFERENCE)
    [target] = targets(program, "fail_store")
    operator = look(f"http://{program.admin}", "/#/faults")
    press(operator, "fail_store", target, "Fail store", 60)
    expect(operator.page.locator("tbody tr", has_text="Fail store")).to_be_visible()
    sight = look(f"http://{program.http}", expected=("503", "504"))
    sight.page.get_by_role("button", name="Submit").click()
    expect(sight.page.locator(".warn")).to_contain_text("This answer is not whole")
    expect(sight.page.locator(".warn")).to_contain_text(re.compile("service-[a-h] lacks its (store|publish|document)"))
    sight.shoot("missing")
