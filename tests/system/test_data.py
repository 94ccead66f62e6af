"""The data file as an operator finds it: copied while it is written, read for long by others, taken away, and kept by groups."""

import json
import pathlib
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import pytest

from driver.program import clean_environment, eventually, program_path, run_once
from driver.stored import document_ids, query

MIB = 1024 * 1024
# A process that reads the file in one transaction until it is asked to end.
READER = """import sqlite3, sys
connection = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True, isolation_level=None)
connection.execute("BEGIN")
connection.execute("SELECT count(*) FROM process").fetchall()
print("reads", flush=True)
sys.stdin.readline()
"""


def topology(folder, limit, group, collection):
    """A stream in which a producer puts so many messages, and a group that reads them into documents."""
    file = folder / f"{group}.yaml"
    file.write_text(f"services:\n  talker: {{producers: [{{to: s, limit: {limit}, every: 1ms}}]}}\n"
                    f"  reader: {{consumers: [{{from: s, group: {group}, store: reader.{collection}, as: text}}]}}\nstreams: {{s: }}\n")
    return str(file)


def grow(file, mebibytes):
    """Puts documents of a mebibyte into the file, as another program may while ours runs."""
    connection = sqlite3.connect(file, timeout=30)
    try:
        connection.execute("PRAGMA wal_autocheckpoint=0")
        for number in range(mebibytes):
            with connection:
                connection.execute("INSERT INTO documents (database, collection, id, body, written_at) VALUES ('d', 'c', ?, ?, 0)",
                                   (str(number), json.dumps({"text": "x" * MIB})))
    finally:
        connection.close()


def data_check(program):
    answer = program.get("/readyz")
    return answer.status, next(one for one in answer.json()["checks"] if one["name"] == "data")


def said(program, *words):
    return [line for line in program.lines if all(word in line for word in words)]


def sound(file):
    connection = sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)
    try:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    finally:
        connection.close()


@pytest.fixture
def greeted(start):
    """A program that is greeted all the time; `greeted()` is how often it gave a complete answer."""
    program, complete, over = start(), [], threading.Event()

    def greet():
        while not over.is_set():
            answer = program.get("/api/v1/greeting")
            if answer.status == 200 and "troupe-missing" not in answer.headers:
                complete.append(answer)

    threads = [threading.Thread(target=greet) for _ in range(4)]
    for each in threads:
        each.start()
    eventually(lambda: len(complete) > 50, awaited="complete answers")
    yield program, lambda: len(complete)
    over.set()
    for each in threads:
        each.join(30)


def test_a_backup_of_a_program_at_work_is_whole_and_one_to_begin_from(greeted, start, tmp_path):
    program, complete = greeted
    copy = tmp_path / "copy.sqlite"
    before = complete()
    result = run_once("backup", str(copy), "--data", str(program.data))
    assert (result.returncode, result.stderr) == (0, "")
    assert re.fullmatch(rf"{re.escape(str(copy))} has \S+ [KM]iB, made in \S+ s\n", result.stdout)
    assert sound(copy) and len(document_ids(copy, "service-c", "greetings")) >= before
    eventually(lambda: complete() > before + 50, awaited="answers during and after the backup")
    again = run_once("backup", str(copy), "--data", str(program.data))
    assert again.returncode == 1 and "exists already" in again.stderr and "--replace" in again.stderr
    assert run_once("backup", str(copy), "--data", str(program.data), "--replace").returncode == 0
    for own in (program.file, program.data / "troupe.sqlite-wal", program.data / "troupe.lock"):
        refused = run_once("backup", str(own), "--data", str(program.data), "--replace")
        assert refused.returncode == 1 and "one of the data's own files" in refused.stderr
    restored = tmp_path / "restored"
    restored.mkdir()
    copy.rename(restored / "troupe.sqlite")
    other = start(data=restored)
    assert "troupe-missing" not in other.get("/api/v1/greeting").headers


def test_a_backup_that_is_killed_leaves_no_half_file_under_its_name(start, data, tmp_path):
    program = start()
    assert program.end() == 0
    grow(program.file, 100)
    copy, partial = tmp_path / "copy.sqlite", tmp_path / "copy.sqlite.partial"
    interrupted = 0
    while interrupted < 3:
        backup = subprocess.Popen([program_path(), "backup", str(copy), "--data", str(data)], env=clean_environment(), stdout=subprocess.PIPE)
        eventually(lambda: backup.poll() is not None or partial.exists() and partial.stat().st_size > interrupted * 10 * MIB, awaited="a backup under way")
        backup.kill()
        interrupted += backup.wait(30) == -signal.SIGKILL
        backup.stdout.close()
        if copy.exists():  # it was faster
            assert sound(copy)
            copy.unlink()
    assert not copy.exists()
    assert run_once("backup", str(copy), "--data", str(data)).returncode == 0
    assert sound(copy) and len(document_ids(copy, "d", "c")) == 100 and not partial.exists()


def test_a_process_that_reads_for_long_keeps_no_answer_waiting_and_is_named(start):
    program = start()
    reader = subprocess.Popen([sys.executable, "-c", READER, str(program.file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert reader.stdout.readline() == "reads\n"
        grow(program.file, 70)
        assert pathlib.Path(f"{program.file}-wal").stat().st_size > 70 * MIB
        slowest = 0
        for _ in range(10):
            begun = time.monotonic()
            answer = program.get("/api/v1/greeting")
            slowest = max(slowest, time.monotonic() - begun)
            assert answer.status == 200 and "troupe-missing" not in answer.headers
        assert slowest < 3  # each waited 4.5 s and lost its part of the store
        eventually(lambda: said(program, f"a long read transaction in process {reader.pid}:"), awaited="a line of the log that names the reader")
        status, check = data_check(program)
        assert status == 200 and str(reader.pid) in check["detail"]
        assert program.metric("troupe_sqlite_log_bytes") > 64 * MIB
        assert len(said(program, "the log of", "grows")) == 1
    finally:
        reader.communicate("\n", timeout=10)
    eventually(lambda: program.get("/api/v1/greeting") and "detail" not in data_check(program)[1], 30, "a log that has begun again")
    assert program.end() == 0


def test_a_process_that_writes_for_long_is_named(start):
    program = start()
    writer = subprocess.Popen([sys.executable, "-c", READER.replace("mode=ro", "mode=rw").replace('"BEGIN"', '"BEGIN IMMEDIATE"'), str(program.file)],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert writer.stdout.readline() == "reads\n"
        assert "troupe-missing" in program.get("/api/v1/greeting").headers
        eventually(lambda: said(program, "accepts no writes", f"a long write transaction in process {writer.pid} is"), awaited="a line of the log that names the writer")
    finally:
        writer.communicate("\n", timeout=10)
    eventually(lambda: "troupe-missing" not in program.get("/api/v1/greeting").headers, awaited="complete answers")
    assert program.end() == 0


def test_files_that_are_deleted_under_the_program_are_noticed(start):
    program = start()
    kept = program.file.with_suffix(".kept")
    kept.hardlink_to(program.file)
    assert "troupe-missing" not in program.get("/api/v1/greeting").headers
    program.file.unlink()
    assert "storage_failed" in program.get("/api/v1/greeting").headers["troupe-missing"]
    status, check = data_check(program)
    assert status == 503 and str(program.file) in check["detail"] and "put back" in check["detail"]
    eventually(lambda: said(program, "deleted or moved", "restarted"), awaited="a line of the log with the remedy")
    assert len(said(program, "deleted or moved")) == 1
    assert program.get("/livez").status == 200
    kept.rename(program.file)
    eventually(lambda: program.get("/readyz").status == 200, awaited="readiness once the file is back")
    assert "troupe-missing" not in program.get("/api/v1/greeting").headers
    assert program.end() == 0


def test_a_file_that_is_replaced_under_the_program_is_noticed_and_left_alone(start, tmp_path):
    program = start()
    copy = tmp_path / "copy.sqlite"
    assert run_once("backup", str(copy), "--data", str(program.data)).returncode == 0
    bytes_of_copy = copy.read_bytes()
    copy.rename(program.file)
    eventually(lambda: data_check(program)[0] == 503, awaited="a readiness that fails")
    assert "replaced" in data_check(program)[1]["detail"]
    assert "storage_failed" in program.get("/api/v1/greeting").headers["troupe-missing"]
    program.end()
    assert program.file.read_bytes() == bytes_of_copy


def test_a_forgotten_group_is_shown_and_removed_while_the_program_runs(start, data, tmp_path):
    program = start(topology(tmp_path, 5, "g", "messages"))
    eventually(lambda: len(document_ids(program.file, "reader", "messages")) == 5, awaited="what the group reads")
    assert program.end() == 0
    program = start(topology(tmp_path, 7, "later", "others"))
    eventually(lambda: len(document_ids(program.file, "reader", "others")) == 12, awaited="what another group reads")

    def groups():
        result = run_once("groups", "list", "--format", "json", "--data", str(data))
        assert (result.returncode, result.stderr) == (0, "")
        return {one["group"]: one for one in map(json.loads, result.stdout.splitlines())}

    eventually(lambda: groups()["later"]["lag"] == 0, awaited="a group that has read all")
    forgotten = groups()["g"]
    assert forgotten["stream"] == "s" and forgotten["lag"] == 7 and forgotten["bytes"] > 7 * 10 and not forgotten["read_now"]
    assert groups()["later"]["read_now"]
    table = run_once("groups", "list", "--data", str(data)).stdout.splitlines()
    assert table[0].split() == ["stream", "group", "partitions", "lag", "size", "read", "by"]
    assert [row.split()[:2] for row in table[1:]] == [["s", "g"], ["s", "later"]]
    refused = run_once("groups", "remove", "later", "--data", str(data))
    assert (refused.returncode, refused.stdout) == (1, "") and "the program that runs reads" in refused.stderr
    assert run_once("groups", "remove", "nobody", "--data", str(data)).returncode == 1
    assert run_once("groups", "remove", "g", "--data", str(data)).stdout == "removed from 3 partitions\n"
    assert list(groups()) == ["later"]
    assert query(program.file, "SELECT DISTINCT consumer_group FROM group_offsets") == [("later",)]
    assert program.end() == 0
