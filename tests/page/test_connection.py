"""A program that is slow, gone, back, or restarted is shown as such."""

import re
import time

from playwright.sync_api import expect

AWAY = ("net::ERR_", "Failed to load resource")  # what the browser itself says of a server that is away


def test_a_program_that_is_gone_is_shown_as_lost_and_followed_again_when_it_is_back(admin, look):
    sight = look(admin.address, expected=AWAY)
    state = sight.page.locator("#connection")
    expect(state).to_have_text(re.compile("live"))
    admin.end()
    expect(state).to_contain_text(re.compile(r"connection lost since \d\d:\d\d:\d\d: the program"))
    expect(sight.page.locator("#connection-said")).to_contain_text("connection lost since")
    expect(sight.page.get_by_role("button", name="keeper", exact=True)).to_be_visible()  # what was known stays
    sight.shoot("lost")
    admin.change_tree(lambda tree: tree["children"][0]["children"].append(
        {**tree["children"][0]["children"][0], "name": "newcomer"}))
    admin.begin()
    expect(state).to_have_attribute("data-state", "live")
    expect(sight.page.get_by_role("button", name="newcomer", exact=True)).to_be_visible()


def test_who_does_not_want_to_wait_for_the_next_attempt_can_have_it_now(admin, look):
    sight = look(admin.address, expected=AWAY)
    sight.page.clock.install()
    sight.open("/")
    state = sight.page.locator("#connection")
    expect(state).to_have_attribute("data-state", "live")
    admin.end()
    expect(state).to_have_attribute("data-state", "lost")
    sight.page.clock.pause_at(time.time() + 2)  # no attempt of the page's own from here on
    expect(state).to_have_attribute("data-state", "lost")
    admin.begin()
    sight.page.get_by_role("button", name="Try now").click()
    expect(state).to_have_attribute("data-state", "live")


def test_a_program_that_does_not_answer_is_shown_as_slow(admin, look):
    sight = look(admin.address, "/#/flows")
    state = sight.page.locator("#connection")
    expect(state).to_have_text(re.compile("live"))
    admin.going_on.clear()
    expect(state).to_contain_text(re.compile(r"slow: no answer since \d\d:\d\d:\d\d"))
    sight.shoot("slow")
    admin.going_on.set()
    expect(state).to_have_attribute("data-state", "live")


def test_a_program_that_is_slow_from_the_start_has_its_page(admin, look):
    admin.going_on.clear()
    sight = look(admin.address)
    expect(sight.page.get_by_role("link", name="Flows")).to_be_visible()
    expect(sight.page.locator("#connection")).to_contain_text("slow: no answer since")
    admin.going_on.set()
    expect(sight.page.get_by_role("button", name="keeper", exact=True)).to_be_visible()
    expect(sight.page.locator("#connection")).to_have_attribute("data-state", "live")


def test_another_process_is_named_a_restart(admin, look):
    sight = look(admin.address)
    expect(sight.page.get_by_role("button", name="keeper", exact=True)).to_be_visible()

    def begin_anew(tree):
        for one in (tree, tree["children"][0], tree["children"][0]["children"][0]):
            one["since"] = "2026-01-02T04:00:00Z"

    admin.change_tree(begin_anew)
    expect(sight.page.locator(".changes")).to_contain_text("the program was restarted")
    expect(sight.page.locator("#announcements")).to_contain_text("the program was restarted")


def test_what_an_earlier_program_does_not_have_is_not_offered(admin, look):
    admin.absent = {"flows", "settings", "logs", "faults", "log-level"}
    sight = look(admin.address, expected=("404", *AWAY))
    links = sight.page.get_by_role("navigation").get_by_role("link")
    expect(links.locator("visible=true")).to_have_text(["Supervision", "Traces", "Dead letters"])
    sight.open("/#/faults")
    expect(sight.page.get_by_role("heading", level=1).locator("visible=true")).to_have_text("Supervision")
    expect(sight.page.locator("#connection")).to_have_attribute("data-state", "live")
    admin.end()  # nothing is polled here: the stream alone reports it
    expect(sight.page.locator("#connection")).to_contain_text("connection lost since")
    admin.begin()


def test_a_token_is_asked_for_until_it_is_right_and_then_sent_with_everything(admin, look):
    admin.token = "hush"
    sight = look(admin.address, expected=("401",))
    field = sight.page.get_by_role("textbox", name="Token")
    field.fill("wrong")
    sight.page.get_by_role("button", name="Continue").click()
    expect(sight.page.get_by_role("dialog")).to_contain_text("That token was refused")
    field.fill("hush")
    sight.page.get_by_role("button", name="Continue").click()
    expect(sight.page.get_by_role("button", name="keeper", exact=True)).to_be_visible()
    expect(sight.page.get_by_role("link", name="Flows")).to_be_visible()
    assert sight.page.evaluate("() => localStorage.length") == 0
