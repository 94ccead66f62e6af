"""The process is killed, again and again, while it is at work."""

import re
import subprocess
import time

from driver.ledger import Ledger
from driver.program import LEDGER, Program, eventually, reaches
from driver.stored import document_ids, waiting


def test_nothing_that_was_accepted_is_lost_when_the_process_is_killed_under_load(data):
    program = Program(data).wait_until_ready()
    ledger = Ledger(lambda: program.http)
    threads = ledger.run(LEDGER)
    recoveries = []
    try:
        for kill in range(1, 6):
            reaches(lambda: ledger.complete, LEDGER * kill // 7, awaited=f"load for kill {kill}")
            program.kill()
            began = time.monotonic()
            program = Program(data).wait_until_ready()
            recoveries.append(time.monotonic() - began)
        for thread in threads:
            thread.join(300)
        print(f"killed 5 times; {ledger.complete} complete, {ledger.partial} partial, {ledger.refused} refused, "
              f"{ledger.broken} broken; ready again after {max(recoveries):.2f} s at most")
        assert ledger.broken > 0
        ledger.check(program.file)
        assert program.end() == 0
    finally:
        ledger.stop()
        program.kill()


def test_hey_is_not_deceived_by_a_kill(data):
    program = Program(data).wait_until_ready()
    with subprocess.Popen(["hey", "-n", "20000", "-c", "25", f"http://{program.http}/api/v1/greeting"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True) as load:
        eventually(lambda: len(document_ids(program.file, "service-c", "greetings")) > 2000, within=120, awaited="load")
        program.kill()
        report = load.communicate(timeout=120)[0]
    accepted = int(re.search(r"\[200\]\s+(\d+) responses", report)[1])
    again = Program(data).wait_until_ready()
    try:
        eventually(lambda: waiting(again.file, "service-d") == 0, within=120, awaited="an empty queue")
        for database, collection in (("service-c", "greetings"), ("service-f", "messages")):
            stored = document_ids(again.file, database, collection)
            assert len(stored) == len(set(stored)) >= accepted
        assert again.end() == 0
    finally:
        again.kill()


def test_the_streams_lose_nothing_either(data):
    env = {f"KAFKA_DEMO_{letter}_MSG_FREQ": "1" for letter in "AB"}
    program = Program(data, env=env).wait_until_ready()
    try:
        for _ in range(4):
            eventually(lambda: document_ids(program.file, "kafka-demo-b", "messages"), awaited="a message")
            program.kill()
            program = Program(data, env=env).wait_until_ready()
        eventually(lambda: len(document_ids(program.file, "kafka-demo-b", "messages")) >= waiting(program.file, "foo-topic") > 3,
                   within=60, awaited="every record of foo-topic in the store")
        stored = document_ids(program.file, "kafka-demo-b", "messages")
        assert len(stored) == len(set(stored))
        assert program.end() == 0
    finally:
        program.kill()
