"""RabbitMQ dies, stops, is cut off and takes away what it gave; D and F are killed: nothing that was accepted is lost, and none
of it has its effect twice."""

import time

import pytest

from driver.program import eventually
from driver.queueing import channel, load
from driver.rabbitmq import rabbitmq
from driver.relay import relay


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with rabbitmq(tmp_path_factory.mktemp("rabbitmq")) as made:
        yield made


@pytest.fixture
def queue(request):
    return request.node.name.removeprefix("test_").replace("_", "-")[:60]


@pytest.fixture
def under_load(broker, tmp_path, queue):
    with load(broker, tmp_path, queue) as made:
        yield made


@pytest.fixture
def report(write_down):
    return lambda awaited, took: write_down(f"went on {took:.1f} s after {awaited}")


def test_the_broker_is_killed_and_comes_back(under_load, broker, report):
    broker.kill()
    eventually(lambda: "troupe-missing" in under_load.maker.get("/api/greeting").headers, 30, "an answer that lacks its effect")
    broker.begin()
    broker.wait_until_usable()
    report("a broker that was killed is usable again", under_load.work_goes_on())
    under_load.check()


def test_the_broker_stops_answering_and_continues(under_load, broker, report):
    broker.pause()
    try:
        eventually(lambda: "troupe-missing" in under_load.maker.get("/api/greeting").headers, 30, "an answer without a confirm")
    finally:
        broker.resume()
    report("a broker that was stopped continues", under_load.work_goes_on())
    under_load.check()


def test_connections_are_cut_in_the_middle_of_what_passes(broker, tmp_path, queue, report):
    with relay(f"127.0.0.1:{broker.port}") as between, \
            load(broker, tmp_path, queue, between=int(between.address.rsplit(":", 1)[1])) as under_load:
        took = []
        for _ in range(5):
            between.cut()
            took.append(under_load.work_goes_on())
        report("a cut at most", max(took))
        assert under_load.collector.metric("troupe_amqp_sessions_total") >= 4
        under_load.check()


def test_the_broker_closes_every_connection_and_every_channel(under_load, broker, report):
    # What a channel's end makes of its connection's process, as when a client has broken a rule there.
    close = "{channel_exit, 1, {amqp_error, precondition_failed, \"closed by a test\", none}}"
    for awaited, ends in (("connections", ("close_all_connections", "closed by an operator")),
                       ("channels", ("eval", f"[C ! {close} || C <- rabbit_networking:connections()], ok."))):
        sessions = under_load.collector.metric("troupe_amqp_sessions_total")
        broker.ctl(*ends)
        report(f"the broker closed {awaited}", under_load.work_goes_on())
        eventually(lambda had=sessions: under_load.collector.metric("troupe_amqp_sessions_total") > had, 30, "a session anew")
    assert "closed by a test" in broker.log.read_text()
    under_load.check()


def test_the_queue_is_deleted_and_made_again_and_so_is_its_consumer(under_load, broker, report):
    """The broker cancels the consumer. What was in the queue is gone with it, and only that."""
    sessions = under_load.collector.metric("troupe_amqp_sessions_total")
    with channel(broker.url()) as admin:
        admin.queue_delete(under_load.queue)
    eventually(lambda: under_load.collector.metric("troupe_amqp_sessions_total") > sessions, 30, "a session anew")
    report("the queue was deleted", under_load.work_goes_on())
    greeting = under_load.maker.get("/api/greeting")
    assert greeting.status == 200 and "troupe-missing" not in greeting.headers
    wanted = {one["id"] for one in greeting.json()}
    eventually(lambda: wanted <= {one["id"] for one in under_load.rows()}, 30, "the effect of what was accepted afterwards")
    ids = [one["id"] for one in under_load.rows()]
    assert len(ids) == len(set(ids))


def test_a_session_whose_messages_are_never_confirmed_is_replaced(under_load, broker, report):
    """As after a queue was deleted: RabbitMQ may go on giving signs of life on a session of which it reads nothing more."""
    publishing = "P || P <- rabbit_channel:list_local(), rabbit_channel:info(P, [confirm]) == [{confirm, true}]"
    assert "ok" in broker.ctl("eval", f"[sys:suspend(P) || P <- [{publishing}]].")
    eventually(lambda: "troupe-missing" in under_load.maker.get("/api/greeting").headers, 30, "an answer without a confirm")
    report("the broker confirmed nothing more", under_load.work_goes_on())
    assert any("has confirmed nothing" in line for line in under_load.maker.lines)
    under_load.check()


def test_f_is_killed_between_its_store_and_its_acknowledgement(under_load, broker, report):
    took = []
    redelivered = 0
    for _ in range(3):
        under_load.collector.kill()
        stored = under_load.count()
        began = time.monotonic()
        under_load.start_collector()
        eventually(lambda stored=stored: under_load.count() > stored + 100, 60, "work after a kill")
        took.append(time.monotonic() - began)
        redelivered += under_load.collector.metric("troupe_amqp_redelivered_total")
    report("a kill of F at most", max(took))
    assert redelivered > 0, "no kill hit a delivery in hand"
    under_load.check()


def test_d_is_killed_under_load(under_load, report):
    for _ in range(3):
        under_load.work_goes_on()
        under_load.maker.kill()
        began = time.monotonic()
        under_load.start_maker()
        under_load.work_goes_on()
    report("a kill of D", time.monotonic() - began)
    accepted = len(under_load.ledger.accepted["Service-D"])
    under_load.check()
    assert accepted > 0 and under_load.ledger.broken > 0
