"""The operator's page serves who cannot see it, has no mouse, has a small screen, or is refused."""

import pytest
from playwright.sync_api import expect

from driver.administration import actor, letter
from driver.browser import DESK, PHONE

VIEWS = ["tree", "tree/service-1%2Fworker-2", "flows", "traces", "dead-letters", "dead-letters/3", "logs", "settings", "faults"]


@pytest.fixture(name="filled")
def an_administration_with_something_everywhere(admin):
    admin.tree = actor("shop", *[actor(f"service-{s}", *[actor(f"worker-{w}") for w in range(4)]) for s in range(6)],
                       actor("poor", state="failed", restarts=7, incarnation=8, last_error="storage_failed: the disk is full"))
    admin.letters = [letter(n, headers=[{"name": "content-language", "value": "en"}]) for n in range(1, 40)]
    admin.flows = {
        "program": "shop", "version": "1.0", "uptime_seconds": 100,
        "services": [{"name": "orders", "serves": ["shop.Orders"], "calls": ["stock"], "consumes": [], "publishes": ["placed"], "stores": []},
                     {"name": "shipping", "serves": [], "calls": [], "consumes": ["placed"], "publishes": [], "stores": ["shipments"]}],
        "channels": [{"name": "placed", "transport": "kafka", "kind": "stream", "published": 5, "settled": 3, "failed": 1, "dead_letters": 1,
                      "lag": 2, "paused": True, "stalled_seconds": 3, "stalled_reason": "a handler"}],
        "stores": [{"name": "shipments", "transport": "mongodb", "written": 3, "failed": 0}],
        "peers": [{"name": "stock", "address": "stock:50051", "transport": "grpc", "calls": 9, "failed": 2, "breaker": "open"}]}
    admin.settings = [{"name": f"node.{n}", "value": n, "source": "default" if n % 3 else "file", "place": None if n % 3 else "a.yaml:3",
                       "default": 1, "range": "0 to 9", "reason": "a bound"} for n in range(30)]
    admin.lines = [{"number": n, "time": "2026-01-02T03:04:05Z", "level": ["info", "warning", "error"][n % 3], "service": "orders",
                    "actor": "orders/keeper", "message": f"line {n}", "trace": "ab" * 16, "span": "cd" * 8} for n in range(1, 30)]
    listed = {"id": "ab" * 16, "name": "POST /orders", "service": "orders", "began": "2026-01-02T03:04:05Z", "ms": 3.5, "spans": 1}
    admin.traces = {"ab" * 16: {"listed": listed, "shown": {"id": "ab" * 16, "left-out": 0, "spans": []}}}
    kinds = [{"kind": "end_actor", "about": "Ends it.", "targets": ["service-1/worker-2"], "needs_seconds": False},
             {"kind": "pause_channel", "about": "Pauses it.", "targets": ["placed"], "needs_seconds": True}]
    admin.faults = {"allowed": True, "reason": None, "kinds": kinds, "active": [
        {"number": 1, "kind": "pause_channel", "target": "placed", "since": "2026-01-02T03:04:05Z", "ends_in_seconds": 9}]}
    return admin


@pytest.mark.parametrize("size, scheme", [(DESK, "light"), (PHONE, "dark")], ids=["desk-light", "phone-dark"])
def test_every_view_is_accessible_and_fits_its_screen(filled, look, size, scheme):
    sight = look(filled.address, size=size, color_scheme=scheme)
    for view in VIEWS:
        sight.open(f"/#/{view}")
        expect(sight.page.get_by_role("heading", level=1)).to_be_visible()
        expect(sight.page.locator("#connection")).to_have_attribute("data-state", "live")
        expect(sight.page.locator("section:not([hidden]) tbody tr:not(.spacer)").locator("visible=true").first).to_be_visible()
        assert sight.faults_of_access() == [], view
        assert sight.fits(), view
        sight.shoot(view.replace("/", "-").replace("%2F", "-"))


def test_everything_can_be_done_from_the_keyboard(filled, look):
    page = look(filled.address).page
    press = page.keyboard.press
    expect(page.get_by_role("link", name="Faults")).to_be_visible()
    press("Tab")
    expect(page.get_by_role("link", name="To the content")).to_be_focused()
    page.get_by_role("button", name="service-0", exact=True).focus()
    press("ArrowDown")
    press("ArrowDown")
    expect(page.get_by_role("button", name="worker-1", exact=True).first).to_be_focused()
    press("Enter")
    expect(page.locator(".details:visible h2")).to_have_text("service-0/worker-1")
    page.get_by_role("link", name="Faults").focus()
    press("Enter")
    expect(page.get_by_role("heading", name="Faults", level=1)).to_be_focused()
    end = page.get_by_role("button", name="End actor")
    page.locator("[data-kind=end_actor] input").fill("service-1/worker-2")
    press("Tab")
    expect(end).to_be_focused()
    press("Enter")
    expect(page.get_by_role("dialog", name="End actor?")).to_be_visible()
    press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(end).to_be_focused()


def test_a_tree_can_be_folded(filled, look):
    page = look(filled.address).page
    fold = page.get_by_role("button", name="service-0, what is below")
    expect(fold).to_have_attribute("aria-expanded", "true")
    before = page.get_by_role("button", name="worker-1", exact=True).count()
    fold.click()
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_role("button", name="worker-1", exact=True)).to_have_count(before - 1)


def test_where_faults_are_refused_their_buttons_are_disabled_and_say_why(filled, look):
    filled.faults = {**filled.faults, "allowed": False, "reason": "it listens elsewhere than on loopback", "active": []}
    page = look(filled.address, "/#/faults").page
    expect(page.get_by_text("Faults are refused here: it listens elsewhere than on loopback")).to_be_visible()
    for name in ("End actor", "Pause channel"):
        expect(page.get_by_role("button", name=name)).to_be_disabled()
        expect(page.get_by_role("button", name=name)).to_have_attribute("title", "Refused: it listens elsewhere than on loopback")
    page.goto(f"{filled.address}/#/tree/service-1%2Fworker-2")
    expect(page.locator(".details:visible")).to_contain_text("Refused: it listens elsewhere")
    expect(page.get_by_role("button", name="End actor")).to_be_disabled()
