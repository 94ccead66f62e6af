"""500 actors and 10,000 dead letters stay fluid: only what is in sight is in the document, and a change touches only that."""

from playwright.sync_api import expect

from driver.administration import actor, letter

MOST_ROWS = 60


def rows(sight):
    return sight.page.locator(".rows:visible tbody tr:not(.spacer)")


def test_the_tree_of_500_actors_follows_its_changes(admin, look):
    admin.tree = actor("shop", *[actor(f"service-{s}", *[actor(f"worker-{w}") for w in range(9)]) for s in range(50)])
    sight = look(admin.address)
    expect(sight.page.locator(".summary:visible")).to_contain_text("501 actors, 0 restarts, none in trouble")
    assert 10 < rows(sight).count() < MOST_ROWS
    sight.page.evaluate("() => { globalThis.kept = document.querySelector('.rows tbody tr:not(.spacer)'); }")
    changes = 20
    for number in range(1, changes + 1):
        def restart(tree, number=number):
            worker = tree["children"][number]["children"][0]
            worker.update(restarts=1, incarnation=2, last_error=f"error {number}")
        admin.change_tree(restart)
        expect(sight.page.locator(".changes li").first).to_contain_text(f"restarted, incarnation 2: error {number}")
    assert sight.page.evaluate("() => globalThis.kept.isConnected"), "rows that stay are not made again"
    expect(sight.page.locator(".summary:visible")).to_contain_text("501 actors, 20 restarts")
    sight.page.locator(".rows:visible").evaluate("(box) => { box.scrollTop = box.scrollHeight; }")
    expect(rows(sight).last).to_contain_text("worker-8")
    assert rows(sight).count() < MOST_ROWS
    sight.page.get_by_label("Filter").fill("error 17")
    expect(rows(sight)).to_have_count(3)
    sight.shoot("filtered")


def test_10000_dead_letters_are_listed_filtered_picked_and_sent_back(admin, look):
    admin.letters = [letter(n, above=2**57, source="orders" if n % 100 else "bills") for n in range(1, 10001)]
    sight = look(admin.address, "/#/dead-letters")
    summary = sight.page.locator(".summary:visible")
    expect(summary).to_have_text("10,000 dead letters")
    assert 10 < rows(sight).count() < MOST_ROWS
    for part in range(1, 21):
        sight.page.locator(".rows:visible").evaluate("(box, part) => { box.scrollTop = box.scrollHeight * part / 20; }", part)
        sight.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(rows(sight).last).to_contain_text("no order 10000")
    assert rows(sight).count() < MOST_ROWS
    sight.page.get_by_label("Filter").fill("no order 999")
    expect(summary).to_have_text("11 of 10,000 dead letters")
    expect(rows(sight)).to_have_count(11)
    expect(rows(sight).first).to_be_in_viewport()
    sight.page.get_by_role("button", name="Pick all shown").click()
    sight.page.get_by_role("button", name="Redrive picked (11)").click()
    sight.page.get_by_role("button", name="Redrive", exact=True).click()
    expect(sight.page.locator(".redrive")).to_contain_text("11 redriven")
    expect(summary).to_have_text("0 of 9,989 dead letters")
    assert not [one for one in admin.letters if "no order 999" in one["reason"]]
    sight.page.get_by_label("Filter").fill("")
    sight.page.get_by_label("Source").select_option("bills")
    expect(summary).to_have_text("100 dead letters")
    sight.page.get_by_label("a second at most").fill("40")
    sight.page.get_by_role("button", name="Redrive all of bills").click()
    sight.page.get_by_role("button", name="Redrive all", exact=True).click()
    expect(sight.page.locator(".redrive")).to_contain_text("40 of 100 redriven")
    sight.shoot("redriving")
    expect(sight.page.locator(".redrive")).to_contain_text("100 redriven; none set aside again")
    assert {one["source"] for one in admin.letters} == {"orders"}
