"""The disk fails, and recovers: an answer is never complete unless its effects are durable."""

import subprocess

import pytest

from driver.ledger import Ledger
from driver.program import FALLIBLE, Program, eventually
from driver.stored import document_ids


@pytest.mark.parametrize(("call", "probability"), [("posix/io/sync/fdatasync", 0.02), ("posix/io/rw/pwrite", 0.002)])
def test_failing_writes_and_syncs_make_answers_partial_and_lose_nothing(data, call, probability):
    program = Program(data, wrapper=FALLIBLE)
    try:
        program.wait_until_ready()
        subprocess.run(["fiu-ctrl", "-c", f"enable_random name={call},probability={probability}", str(program.process.pid)], check=True)
        ledger = Ledger(lambda: program.http)
        for thread in ledger.run(2000):
            thread.join(300)
        print(f"{call}: {ledger.complete} complete, {ledger.partial} partial, {ledger.refused} refused")
        assert program.process.poll() is None
        assert ledger.partial > 0
        subprocess.run(["fiu-ctrl", "-c", f"disable name={call}", str(program.process.pid)], check=True)
        ledger.check(program.file)
        assert program.end() == 0
    finally:
        program.kill()


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_refuses_effects_and_recovers_when_there_is_room(small_disk):
    program = Program(small_disk / "data").wait_until_ready()
    try:
        ledger = Ledger(lambda: program.http)
        threads = ledger.run(200_000)
        eventually(lambda: ledger.partial > 20, within=300, awaited="a full disk")
        assert program.process.poll() is None
        assert program.get("/livez").status == 200
        subprocess.run(["mount", "-o", "remount,size=2g", str(small_disk)], check=True)
        before = ledger.complete
        eventually(lambda: ledger.complete > before + 20, within=60, awaited="complete answers once there is room")
        ledger.stop()
        for thread in threads:
            thread.join(60)
        ledger.check(program.file)
        assert len(document_ids(program.file, "service-c", "greetings")) > 0
        assert program.end() == 0
    finally:
        program.kill()
