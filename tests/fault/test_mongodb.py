"""The database dies, falls silent and is away while requests come in; the program is killed while it writes: nothing that was
accepted is lost, and none of it has its effect twice."""

import contextlib
import time

import pytest

from driver.ledger import Ledger
from driver.mongodb import mongodb
from driver.program import LEDGER, Program, eventually, reaches
from driver.relay import relay

AWAY = 60 if LEDGER > 10_000 else 15  # seconds
ASKED = 10_000 if LEDGER > 10_000 else 2000  # answered completely, at least


@pytest.fixture
def server(tmp_path):
    with mongodb(tmp_path / "mongodb") as made:
        yield made


@pytest.fixture
def ended():
    """Kills the programs that are entered."""
    with contextlib.ExitStack() as programs:
        yield lambda program: (programs.callback(program.kill), program)[1]


class Platform:
    """All services in one process, under load, with their documents in MongoDB."""

    def __init__(self, server, folder, ended, address=None):
        self.server, self.folder, self.ended, self.address = server, folder, ended, address
        self.client = server.client()
        self.program = self.begin()
        self.ledger = Ledger(lambda: self.program.http)
        self.threads = self.ledger.run(10_000_000, clients=4)
        eventually(lambda: self.ledger.complete > 100, 60, "work to disturb")

    def begin(self):
        return self.ended(Program(self.folder / "data", env={"MONGO_CONN": self.server.uri(address=self.address)})).wait_until_ready(60)

    def ids(self, database, collection):
        return [one["id"] for one in self.client[database][collection].find({}, {"id": 1})]

    def goes_on(self, within=60):
        """How long until answers are complete again, in seconds."""
        began, before = time.monotonic(), self.ledger.complete
        eventually(lambda: self.ledger.complete > before + 20, within, "complete answers")
        return time.monotonic() - began

    def check(self):
        reaches(lambda: self.ledger.complete, ASKED, awaited="what is to be compared")
        self.ledger.stop()
        for thread in self.threads:
            thread.join(30)
        self.ledger.check(self.program.file, stored_ids=lambda _file, *where: self.ids(*where))
        assert self.program.metric("troupe_mongodb_refused_total") == 0
        assert self.program.end() == 0
        ledger = self.ledger
        print(f"{ledger.complete} complete, {ledger.partial} partial, {ledger.refused} refused, {ledger.broken} broken")


@pytest.fixture
def platform(server, tmp_path, ended):
    return Platform(server, tmp_path, ended)


def test_the_database_is_killed_and_away_for_a_while(platform, write_down):
    platform.server.kill()
    eventually(lambda: platform.ledger.partial > 5, 60, "answers that say what they lack")
    time.sleep(AWAY)
    assert platform.program.get("/livez").status == 200
    platform.server.start()
    write_down(f"went on {platform.goes_on():.1f} s after the database was back")
    platform.check()


def test_the_database_falls_silent_and_goes_on(platform, write_down):
    platform.server.pause()
    eventually(lambda: platform.ledger.partial > 5, 60, "answers that say what they lack")
    platform.server.resume()
    write_down(f"went on {platform.goes_on():.1f} s after the database spoke again")
    platform.check()


def test_the_database_is_slow_for_a_while(server, tmp_path, ended, write_down):
    with relay(server.address) as between:
        platform = Platform(server, tmp_path, ended, between.address)
        between.delay = 0.3  # before each of its answers
        before = platform.ledger.complete
        eventually(lambda: platform.ledger.complete > before + 20, 120, "complete answers though each waits for the database")
        assert platform.program.get("/readyz").status == 200
        between.delay = 0.0
        write_down(f"went on {platform.goes_on():.1f} s after the database was quick again")
        platform.check()


def test_the_database_is_killed_again_and_again(platform):
    for _ in range(5):
        platform.server.kill()
        platform.server.start()
        platform.goes_on()
    platform.check()


def test_the_program_is_killed_while_it_writes(platform):
    for _ in range(3):
        platform.program.kill()
        platform.program = platform.begin()
        platform.goes_on()
    platform.check()
