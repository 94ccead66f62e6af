"""Dead letters are listed, and sent back, whether the program runs or not."""

import json
import re

import pytest

from driver.program import eventually, run_once
from driver.stored import dead_letters

TOPOLOGY = """services:
  talker: {producers: [{to: q, limit: 2, every: 1ms, text: "no greeting {n}"}]}
  reader: {consumers: [{from: q, store: reader.messages}]}
queues: {q: }
"""


@pytest.fixture(name="platform")
def two_messages_that_are_no_greetings(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(TOPOLOGY)
    return str(file)


def letters_of(*where):
    result = run_once("dead-letters", "list", "--format", "json", *where)
    assert result.returncode == 0 and result.stderr == ""
    return [] if result.stdout == "no dead letters\n" else [json.loads(line) for line in result.stdout.splitlines()]


def check_commands(*where):
    """What each command says of the two letters, which it finds `where`."""
    table = run_once("dead-letters", "list", *where)
    heading, *rows = table.stdout.splitlines()
    assert heading.split() == ["number", "source", "error", "attempts", "age", "id", "reason"]
    assert all(re.fullmatch(r"\d+[sm]", row.split()[4]) for row in rows)
    assert [row.split()[1:3] for row in rows] == [["q", "undecodable"]] * 2
    first, second = letters_of(*where)
    assert [first["payload"], second["payload"]] == ["no greeting 0", "no greeting 1"]
    assert first["service"] == "reader" and first["reason"] and first["key"] == "0"
    shown = run_once("dead-letters", "show", str(second["number"]), *where)
    assert shown.returncode == 0 and "payload: no greeting 1\n" in shown.stdout
    missing = run_once("dead-letters", "show", "4711", *where)
    assert (missing.returncode, missing.stdout) == (1, "")
    assert missing.stderr == "troupe: not_found: there is no dead letter 4711\n"
    assert letters_of("--source", "elsewhere", *where) == []
    return [first, second]


def test_a_running_program_lists_its_dead_letters_and_sends_them_back(start, data, platform):
    program = start(platform)
    eventually(lambda: len(dead_letters(program.file)) == 2, awaited="two dead letters")
    where = ["--data", str(data), "--admin", program.admin]
    before = check_commands(*where)
    result = run_once("dead-letters", "redrive", "--number", str(before[0]["number"]), *where)
    assert (result.returncode, result.stdout, result.stderr) == (0, "redriven: 1\n", "")
    result = run_once("dead-letters", "redrive", "--number", str(before[0]["number"]), *where)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"troupe: not_found: there is no dead letter {before[0]['number']}\n"
    result = run_once("dead-letters", "redrive", *(f"--number={one['number']}" for one in before), *where)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "troupe: not_found: there is no dead letter of one or more of these numbers; 1 went back\n"
    # They are handled again at once, and set aside again: under their own ids, and as new letters.

    def letters_that_are_new():
        return [one for one in letters_of(*where) if int(one["number"]) > int(before[1]["number"])]

    eventually(lambda: len(letters_that_are_new()) == 2, awaited="two new letters")
    assert [(one["id"], one["payload"]) for one in letters_that_are_new()] == [(one["id"], one["payload"]) for one in before]


def test_the_dead_letters_of_a_folder_that_no_program_uses_are_reported_and_sent_back(start, data, platform):
    program = start(platform)
    eventually(lambda: len(dead_letters(program.file)) == 2, awaited="two dead letters")
    assert program.end() == 0
    where = ["--data", str(data)]
    before = check_commands(*where)
    result = run_once("dead-letters", "redrive", "--source", "q", *where)
    assert (result.returncode, result.stdout, result.stderr) == (0, "redriven: 2\n", "")
    assert run_once("dead-letters", "list", *where).stdout == "no dead letters\n"
    reader = start(platform, "--service", "reader")
    eventually(lambda: len(dead_letters(reader.file)) == 2, awaited="the same two again")
    assert {one["id"] for one in letters_of("--admin", reader.admin)} == {one["id"] for one in before}


HOSTILE = """services:
  talker: {producers: [{to: q, limit: 1, every: 1ms, text: "\\e]0;owned\\a\\e[2J\\r\\x7f\\x9b31m\\u202Etxt.exe\\u2066\\u200F\\u2028end"}]}
  reader: {consumers: [{from: q, store: reader.messages}]}
queues: {q: }
"""


def test_more_dead_letters_than_a_page_are_sent_back_once_each(start, data, tmp_path):
    file = tmp_path / "many.yaml"
    file.write_text(TOPOLOGY.replace("limit: 2, every: 1ms,", "limit: 1003, every: 1ms, batch: 1000,"))
    program = start(str(file))
    eventually(lambda: len(dead_letters(program.file)) == 1003, awaited="the dead letters")
    result = run_once("dead-letters", "redrive", "--limit", "10000", "--data", str(data), "--admin", program.admin, timeout=60)
    assert (result.returncode, result.stdout, result.stderr) == (0, "redriven: 1003\n", "")  # though each is set aside again at once


def test_nothing_of_a_message_steers_the_terminal_of_who_looks_at_it(start, data, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(HOSTILE)
    program = start(str(file))
    eventually(lambda: dead_letters(program.file), awaited="a dead letter")
    text = dead_letters(program.file)[0][4].decode()
    assert text.startswith("\x1b]0;owned\x07") and "\u202e" in text
    where = ["--data", str(data), "--admin", program.admin]
    for form in ("table", "json"):
        for command in (["list"], ["show", "1"]):
            result = run_once("dead-letters", *command, "--format", form, *where)
            assert result.returncode == 0 and result.stderr == ""
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]", result.stdout), (command, form, result.stdout)
            if form == "json":
                assert json.loads(result.stdout)["payload"] == text
    assert r"payload: \x1b]0;owned\x07\x1b[2J\x0d\x7f\x9b31m\u202etxt.exe\u2066\u200f\u2028end" in run_once("dead-letters", "show", "1", *where).stdout
    raw = program.ask_admin("/dead-letters/1").body
    assert json.loads(raw)["payload"] == text
    assert not re.search("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]", raw.decode())
