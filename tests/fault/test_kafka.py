"""Kafka brokers die, stop and are cut off: nothing that was accepted is lost, none of it has its effect twice, each key keeps
its order, and nothing is set aside."""

import time

import pytest

from driver.kafka import kafka
from driver.program import LEDGER, eventually
from driver.streaming import Platform

MADE = 4000 if LEDGER > 10_000 else 1500
CUT = 5  # seconds that a network stays cut


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Three brokers behind a network that can be cut."""
    with kafka(tmp_path_factory.mktemp("kafka"), brokers=3, relays=True) as made:
        yield made


@pytest.fixture
def platform(cluster, tmp_path, ended):
    return Platform(cluster, tmp_path, ended, 3, MADE)


def test_the_leader_is_killed(platform, cluster, write_down):
    leader = cluster.leader(platform.topic, 0)
    cluster.kill(leader)
    try:
        write_down(f"every key went on {platform.recovery():.1f} s after the kill")
    finally:
        cluster.restart(leader)
    platform.check()


def test_a_broker_stops_answering_and_continues(platform, cluster, write_down):
    leader = cluster.leader(platform.topic, 1)
    cluster.pause(leader)
    try:
        write_down(f"every key went on {platform.recovery():.1f} s after a leader fell silent")
    finally:
        cluster.resume(leader)
    cluster.wait_until_usable()
    platform.check()


def test_the_network_between_the_clients_and_a_broker_is_cut(platform, cluster, write_down):
    cluster.network.cut("client", cluster.leader(platform.topic, 2))
    try:
        time.sleep(CUT)
    finally:
        cluster.network.restore()
    write_down(f"every key went on {platform.recovery():.1f} s after the mend")
    platform.check()


def test_the_network_between_brokers_is_cut(platform, cluster, write_down):
    cluster.network.cut_off(cluster.leader(platform.topic, 0))
    try:
        write_down(f"every key went on {platform.recovery():.1f} s after a leader was cut off from the other brokers")
    finally:
        cluster.network.restore()
    cluster.wait_until_usable()
    platform.check()


def test_every_broker_is_restarted_in_turn(platform, cluster, write_down):
    for number in cluster.numbers:
        cluster.restart(number)
        write_down(f"every key went on {platform.recovery():.1f} s after broker {number} was there again")
        eventually(lambda: len(cluster.in_sync(platform.topic, 0)) == 3, 60, "replicas in sync")
    platform.check()
