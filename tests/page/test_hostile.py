"""Texts of strangers stay texts, wherever they are shown."""

import base64
import re

import pytest
from playwright.sync_api import expect

from driver.administration import SINCE, actor, letter

MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'><svg onload=alert(3)>"
TURNED = "safe\u202etxt.exe"
HOSTILE = MARKUP + TURNED
TRACE = "ab" * 16


@pytest.fixture(name="hostile")
def hostile_everywhere(admin):
    admin.tree = actor("root", actor(HOSTILE, state="failed", restarts=2, last_error=HOSTILE, held_up_by=HOSTILE))
    admin.letters = [letter(1, source=HOSTILE, service=HOSTILE, error=HOSTILE, reason=HOSTILE, id=HOSTILE, key=HOSTILE,
                            content_type=HOSTILE, payload=HOSTILE, headers=[{"name": HOSTILE, "value": HOSTILE},
                                                                            {"name": "Authorization", "value": "Bearer hidden"}]),
                     {**letter(2), "payload": None, "payload_base64": base64.b64encode(HOSTILE.encode()).decode()}]
    del admin.letters[1]["payload"]
    admin.flows = {"program": HOSTILE, "version": HOSTILE, "uptime_seconds": 1,
                   "services": [{"name": HOSTILE, "serves": [HOSTILE], "calls": [HOSTILE], "consumes": [HOSTILE], "publishes": [HOSTILE], "stores": [HOSTILE]}],
                   "channels": [{"name": HOSTILE, "transport": HOSTILE, "kind": HOSTILE, "published": 1, "settled": 1, "failed": 0, "dead_letters": 0,
                                 "lag": None, "paused": False, "stalled_seconds": 3, "stalled_reason": HOSTILE}],
                   "stores": [{"name": HOSTILE, "transport": HOSTILE, "written": 1, "failed": 0}],
                   "peers": [{"name": HOSTILE, "address": HOSTILE, "transport": HOSTILE, "calls": None, "failed": 0, "breaker": HOSTILE}]}
    admin.settings = [{"name": HOSTILE, "value": HOSTILE, "source": HOSTILE, "place": HOSTILE, "default": HOSTILE, "range": HOSTILE, "reason": HOSTILE}]
    admin.lines = [{"number": 1, "time": SINCE, "level": HOSTILE, "service": HOSTILE, "actor": HOSTILE, "message": HOSTILE, "trace": HOSTILE, "span": HOSTILE}]
    span = {"id": "1", "name": HOSTILE, "kind": HOSTILE, "service": HOSTILE, "began": SINCE, "ms": 1, "error": HOSTILE, "reason": HOSTILE,
            "attributes": {HOSTILE: HOSTILE}, "links": [{"trace": HOSTILE, "span": HOSTILE}]}
    admin.traces = {TRACE: {"listed": {"id": TRACE, "name": HOSTILE, "service": HOSTILE, "began": SINCE, "ms": 1, "spans": 1, "error": HOSTILE, "reason": HOSTILE},
                            "shown": {"id": TRACE, "left-out": 0, "spans": [span]}}}
    admin.faults = {"allowed": True, "reason": HOSTILE, "kinds": [{"kind": "fail_actor", "about": HOSTILE, "targets": [HOSTILE], "needs_seconds": True}],
                    "active": [{"number": 1, "kind": HOSTILE, "target": HOSTILE, "since": SINCE, "ends_in_seconds": 9}]}
    return admin


@pytest.mark.parametrize("view", ["tree", "flows", "traces", f"traces/{TRACE}", "dead-letters", "dead-letters/1", "logs", "settings", "faults"])
def test_markup_is_shown_and_not_obeyed(hostile, look, view):
    sight = look(hostile.address, f"/#/{view}")
    main = sight.page.locator("main")
    expect(main.get_by_text(re.compile(re.escape("<img src=x onerror=alert(1)>"))).locator("visible=true").first).to_be_visible()
    if view == "tree":
        main.locator("button.name").last.click()
        expect(sight.page.locator(".details")).to_contain_text(MARKUP)
        sight.page.get_by_role("button", name="Fail actor").click()
        expect(sight.page.get_by_role("dialog")).to_contain_text(MARKUP)
    assert sight.page.locator("main img, main script, [onerror], [onload]").count() == 0
    assert "\u202e" not in main.inner_text(), "what turns the direction of reading is shown by its code"


def test_a_payload_of_bytes_is_a_dump_and_a_header_of_authorization_is_not_shown(hostile, look):
    sight = look(hostile.address, "/#/dead-letters/2")
    expect(sight.page.locator(".payload")).to_contain_text("3c 69 6d 67 20 73 72 63 3d 78")
    sight.open("/#/dead-letters/1")
    expect(sight.page.locator(".details .headers")).to_contain_text("***")
    expect(sight.page.locator("body")).not_to_contain_text("hidden")
