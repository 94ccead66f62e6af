"""What the program says to whoever starts it wrongly, and rightly."""

import os
import re
import socket
import sqlite3

import pytest

from driver.program import run_once


def test_help_and_version_go_to_standard_output():
    told = run_once("--help")
    assert told.returncode == 0 and "run" in told.stdout and "dead-letters" in told.stdout and told.stderr == ""
    version = run_once("--version")
    assert version.returncode == 0 and re.search(r"\d+\.\d+\.\d+", version.stdout)


def test_an_unknown_command_names_the_nearest_one():
    told = run_once("chek")
    assert told.returncode == 2 and '"check"' in told.stderr and told.stdout == ""


def test_a_typo_in_a_topology_names_its_place_and_the_nearest_name(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("services:\n  service-a:\n    greeeter:\n      greeting: Hello\n")
    told = run_once("run", str(file), "--data", str(tmp_path / "data"))
    assert told.returncode == 2
    [line] = told.stderr.splitlines()
    assert line.startswith(f"{file}:3:5: ") and 'did you mean "greeter"?' in line


def test_every_mistake_is_told_at_once(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("services:\n  service-a:\n    greeter:\n      greeting: Hello\n      calls: [service-z]\n      deadline: soon\n"
                    "surplus: 1\n")
    told = run_once("check", str(file))
    assert told.returncode == 2 and len(told.stderr.splitlines()) == 3
    for line in told.stderr.splitlines():
        assert line.startswith(f"{file}:")


def test_check_prints_the_plan_with_the_source_of_every_setting():
    told = run_once("check", env={"SERVICE_A_GREETING": "Howdy"})
    assert told.returncode == 0 and told.stderr == ""
    assert "service-a" in told.stdout and "Howdy" in told.stdout and "SERVICE_A_GREETING" in told.stdout


def test_a_variable_of_one_service_while_several_run_names_the_form_per_service(tmp_path):
    told = run_once("run", "--data", str(tmp_path / "data"), env={"GREETING": "Hi"})
    assert told.returncode == 2 and "SERVICE_A_GREETING" in told.stderr


def test_a_port_in_use_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        told = run_once("run", "--data", str(tmp_path / "data"), "--http", where, "--admin", "127.0.0.1:0")
    assert told.returncode == 1 and where in told.stderr and len(told.stderr.splitlines()) == 1


def test_a_data_folder_in_use_is_refused_by_name(start, data):
    program = start()
    told = run_once("run", "--data", str(data), "--http", "127.0.0.1:0", "--admin", "127.0.0.1:0")
    assert told.returncode == 1 and str(data) in told.stderr and str(program.process.pid) in told.stderr


def test_a_data_file_of_a_newer_schema_is_refused_by_name(start, data):
    program = start()
    file = program.file
    assert program.end() == 0
    with sqlite3.connect(file) as connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        connection.execute(f"PRAGMA user_version = {version + 1}")
    told = run_once("run", "--data", str(data), "--http", "127.0.0.1:0", "--admin", "127.0.0.1:0")
    assert told.returncode == 1 and str(file) in told.stderr and str(version + 1) in told.stderr


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    told = run_once("run", "--data", str(tmp_path / "file" / "data"), "--http", "127.0.0.1:0", "--admin", "127.0.0.1:0")
    assert told.returncode == 1 and str(tmp_path / "file") in told.stderr and len(told.stderr.splitlines()) == 1


@pytest.mark.parametrize("arguments", [["dead-letters", "list"], ["dead-letters", "show", "1"]])
def test_dead_letters_of_a_folder_without_data_say_so(tmp_path, arguments):
    told = run_once(*arguments, "--data", str(tmp_path / "none"))
    assert told.returncode == 1 and str(tmp_path / "none") in told.stderr and not os.path.exists(tmp_path / "none")


def test_dead_letters_of_a_running_program_are_asked_at_its_administration_alone(start):
    program = start()
    told = run_once("dead-letters", "list", "--admin", program.admin)
    assert told.returncode == 0 and told.stdout == "no dead letters\n" and told.stderr == ""


def test_dead_letters_at_an_address_where_nobody_listens_say_so():
    with socket.create_server(("127.0.0.1", 0)) as free:
        where = f"127.0.0.1:{free.getsockname()[1]}"
    told = run_once("dead-letters", "list", "--admin", where)
    assert told.returncode == 1 and f"no program answers on {where}" in told.stderr


def test_what_is_kept_is_its_owners_alone(start, data):
    program = start()
    assert data.stat().st_mode & 0o077 == 0
    for file in data.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file
    assert program.end() == 0
