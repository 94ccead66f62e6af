"""What the system gives little of: files, threads and memory. The process then says one line and ends with exit code 1."""

import resource
import signal

import pytest

from driver.program import Program, eventually, run_once


def limited(which, amount):
    return lambda: resource.setrlimit(which, (amount, amount))


def check_end(program, code):
    assert code in (0, 1), f"ended with {code}: {program.errors}"
    if code == 1:
        assert len(program.errors) == 1 and program.errors[0].startswith("troupe: cannot "), program.errors
    else:
        assert program.errors == []


def start_and_end(data, which, amount, *arguments):
    program = Program(data, *arguments, preexec=limited(which, amount))
    try:
        eventually(lambda: program.process.poll() is not None or any("listening on" in line for line in program.lines),
                   within=30, awaited="a start or its end")
        code = program.end()
    finally:
        program.kill()
    check_end(program, code)
    return code


# Below 4 the system's own loader finds no library.
@pytest.mark.parametrize("files", [4, 5, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24])
def test_a_start_with_a_handful_of_files_ends_with_one_line(data, files):
    assert start_and_end(data, resource.RLIMIT_NOFILE, files) == 1


def test_a_start_with_too_few_files_names_how_many_are_enough(data):
    program = Program(data, preexec=limited(resource.RLIMIT_NOFILE, 30))
    assert program.wait() == 1
    assert "may open 30 files" in program.errors[0] and "RLIMIT_NOFILE" in program.errors[0]
    enough = int(program.errors[0].split("needs at least ")[1].split()[0])
    assert start_and_end(data, resource.RLIMIT_NOFILE, enough) == 0


@pytest.mark.parametrize("mebibytes", [100, 120, 140, 160, 180, 200, 220, 240, 260, 300, 400])
def test_a_start_with_little_address_space_ends_with_one_line_or_in_order(data, mebibytes):
    start_and_end(data, resource.RLIMIT_AS, mebibytes << 20)


def test_a_start_with_little_address_space_and_gRPC_ends_with_one_line_or_in_order(data):
    for mebibytes in (150, 200, 250, 300, 350):
        start_and_end(data, resource.RLIMIT_AS, mebibytes << 20, "--grpc", "127.0.0.1:0")


@pytest.mark.parametrize("which, amount", [(resource.RLIMIT_NOFILE, 3), (resource.RLIMIT_AS, 64 << 20)], ids=["files", "memory"])
def test_an_end_under_a_limit_that_came_later_is_no_abort(start, which, amount):
    program = start("--grpc", "127.0.0.1:0")
    resource.prlimit(program.process.pid, which, (amount, amount))
    check_end(program, program.end())


def test_an_exception_that_nobody_takes_and_an_abort_end_with_one_line(start):
    program = start()
    assert program.end(signal.SIGABRT) == 1
    assert len(program.errors) == 1 and program.errors[0].startswith("troupe: cannot go on: ")


def test_the_connections_that_there_are_files_for_are_reported(start):
    program = start(preexec=limited(resource.RLIMIT_NOFILE, 128))
    result = eventually(lambda: [line for line in program.lines if "HTTP connections at a time" in line], awaited="the bound")
    bound = int(result[0].split("takes ")[1].split()[0])
    assert 40 < bound < 100
    result = run_once("check", preexec=limited(resource.RLIMIT_NOFILE, 128))
    assert "RLIMIT_NOFILE (128) leaves room for" in result.stdout
    assert "RLIMIT_NOFILE" not in run_once("check").stdout
