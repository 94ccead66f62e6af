"""The answers of the command line to right and wrong arguments."""

import os
import re
import socket
import sqlite3

import pytest

from driver.program import run_once


def test_help_and_version_go_to_standard_output():
    result = run_once("--help")
    assert result.returncode == 0 and "run" in result.stdout and "dead-letters" in result.stdout and result.stderr == ""
    version = run_once("--version")
    assert version.returncode == 0 and re.search(r"\d+\.\d+\.\d+", version.stdout)


def test_an_unknown_command_names_the_nearest_one():
    result = run_once("chek")
    assert result.returncode == 2 and '"check"' in result.stderr and result.stdout == ""


def test_a_typo_in_a_topology_names_its_position_and_the_nearest_name(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("services:\n  service-a:\n    greeeter:\n      greeting: Hello\n")
    result = run_once("run", str(file), "--data", str(tmp_path / "data"))
    assert result.returncode == 2
    [line] = result.stderr.splitlines()
    assert line.startswith(f"{file}:3:5: ") and 'did you mean "greeter"?' in line


def test_every_mistake_is_reported_at_once(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("services:\n  service-a:\n    greeter:\n      greeting: Hello\n      calls: [service-z]\n      deadline: soon\n"
                    "surplus: 1\n")
    result = run_once("check", str(file))
    assert result.returncode == 2 and len(result.stderr.splitlines()) == 3
    for line in result.stderr.splitlines():
        assert line.startswith(f"{file}:")


def test_check_prints_the_plan_with_the_source_of_every_setting():
    result = run_once("check", env={"SERVICE_A_GREETING": "Howdy"})
    assert result.returncode == 0 and result.stderr == ""
    assert "service-a" in result.stdout and "Howdy" in result.stdout and "SERVICE_A_GREETING" in result.stdout


def test_a_variable_of_one_service_while_several_run_names_the_form_per_service(tmp_path):
    result = run_once("run", "--data", str(tmp_path / "data"), env={"GREETING": "Hi"})
    assert result.returncode == 2 and "SERVICE_A_GREETING" in result.stderr


def test_a_port_in_use_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        result = run_once("run", "--data", str(tmp_path / "data"), "--http", where, "--admin", "127.0.0.1:0")
    assert result.returncode == 1 and where in result.stderr and len(result.stderr.splitlines()) == 1


def test_a_data_folder_in_use_is_refused_by_name(start, data):
    program = start()
    result = run_once("run", "--data", str(data), "--http", "127.0.0.1:0", "--admin", "127.0.0.1:0")
    assert result.returncode == 1 and str(data) in result.stderr and str(program.process.pid) in result.stderr


def test_a_data_file_of_a_newer_schema_is_refused_by_name(start, data):
    program = start()
    file = program.file
    assert program.end() == 0
    with sqlite3.connect(file) as connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        connection.execute(f"PRAGMA user_version = {version + 1}")
    result = run_once("run", "--data", str(data), "--http", "127.0.0.1:0", "--admin", "127.0.0.1:0")
    assert result.returncode == 1 and str(file) in result.stderr and str(version + 1) in result.stderr


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    result = run_once("run", "--data", str(tmp_path / "file" / "data"), "--http", "127.0.0.1:0", "--admin", "127.0.0.1:0")
    assert result.returncode == 1 and str(tmp_path / "file") in result.stderr and len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("arguments", [["dead-letters", "list"], ["dead-letters", "show", "1"]])
def test_dead_letters_of_a_folder_without_data_say_so(tmp_path, arguments):
    result = run_once(*arguments, "--data", str(tmp_path / "none"))
    assert result.returncode == 1 and str(tmp_path / "none") in result.stderr and not os.path.exists(tmp_path / "none")


def test_dead_letters_of_a_running_program_are_asked_at_its_administration_alone(start):
    program = start()
    result = run_once("dead-letters", "list", "--admin", program.admin)
    assert result.returncode == 0 and result.stdout == "no dead letters\n" and result.stderr == ""


def test_dead_letters_at_an_address_where_nobody_listens_say_so():
    with socket.create_server(("127.0.0.1", 0)) as free:
        where = f"127.0.0.1:{free.getsockname()[1]}"
    result = run_once("dead-letters", "list", "--admin", where)
    assert result.returncode == 1 and f"no program answers on {where}" in result.stderr


def test_what_is_kept_is_its_owners_alone(start, data):
    program = start()
    assert data.stat().st_mode & 0o077 == 0
    for file in data.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file
    assert program.end() == 0


def test_check_explains_the_settings_of_a_key():
    result = run_once("check", "--explain", "--key", "node.shutdown.drain")
    assert result.returncode == 0 and result.stderr == ""
    assert result.stdout == ("\n  node\n    shutdown.drain  30s  default\n        allowed: 0s to 1d\n"
                             "        reason: a handler's timeout\n")


def test_a_key_of_no_setting_is_refused_with_the_nearest():
    result = run_once("check", "--key", "node.kafka.sesion")
    assert result.returncode == 2 and result.stdout == "" and '"node.kafka.session"' in result.stderr


def test_a_new_project_has_the_parts_that_were_asked_for(tmp_path):
    for parts in (), ("--contract",), ("--consumer",):
        folder = tmp_path / "".join(("work", *parts)) / "notes"
        result = run_once("new", str(folder), *parts)
        assert result.returncode == 0 and result.stderr == ""
        assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == {
            ".dockerignore", ".gitignore", "CMakeLists.txt", "Dockerfile", "README.md", "chart/values.yaml", "notes.proto",
            "src/main.cpp", "src/services.hpp", "tests/services_test.py", "topologies/one.yaml", "topologies/services.yaml"}
        main = (folder / "src/main.cpp").read_text()
        assert ("serves<" in main, "consumes(" in main) == ("--consumer" not in parts, "--contract" not in parts)
        assert 'ENTRYPOINT ["/usr/bin/notes"]' in (folder / "Dockerfile").read_text()


def test_a_new_project_is_not_written_over_anything(tmp_path):
    (tmp_path / "mine").write_text("mine")
    result = run_once("new", ".", "--name", "notes", cwd=tmp_path)
    assert (result.returncode, result.stdout, result.stderr) == (2, "", "troupe new: . is not empty: it has mine\n")
    result = run_once("new", "mine", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (2, "troupe new: mine is no folder\n")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("name, reason", [("My-Shop", "is no identifier"), ("9lives", "is no identifier"), ("a__b", "is no identifier"),
                                          ("class", "has a meaning of its own"), ("test", "has a meaning of its own")])
def test_a_new_project_has_a_name_that_can_be_one(tmp_path, name, reason):
    result = run_once("new", str(tmp_path / name))
    assert result.returncode == 2 and result.stderr.startswith(f'troupe new: "{name}" cannot be the name of a project: it {reason}')
    assert not (tmp_path / name).exists()
    assert run_once("new", str(tmp_path / name), "--name", "fine").returncode == 0


def test_the_values_that_are_explained_are_those_that_are_taken(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("services: {a: {producers: [{to: x}, {to: q}]}}\nstreams: {x: }\nqueues: {q: }\n")
    for key, allowed in (("node.streams", "embedded or kafka"), ("node.queues", "embedded or amqp"),
                         ("node.admin-token", "env:NAME or file:/PATH, or none")):
        result = run_once("check", str(file), "--explain", "--key", key)
        assert result.returncode == 0 and f"        allowed: {allowed}\n" in result.stdout
    for refused in ("node: {streams: amqp}", "node: {queues: kafka}", "node: {admin-token: 'aws-ssm:/token'}"):
        file.write_text(f"services: {{a: {{producers: [{{to: x}}]}}}}\nstreams: {{x: }}\n{refused}\n")
        result = run_once("check", str(file))
        [line] = result.stderr.splitlines()
        assert result.returncode == 2 and line.startswith(f"{file}:3:") and "aws" not in line.split("; expected ")[1]


def test_a_secret_is_a_small_file(tmp_path):
    token = tmp_path / "token"
    token.write_text("t" * (1 << 16))
    file = tmp_path / "mine.yaml"
    file.write_text(f"services: {{a: {{producers: [{{to: x}}]}}}}\nstreams: {{x: }}\nnode: {{admin-token: 'file:{token}'}}\n")
    assert run_once("check", str(file)).returncode == 0
    token.write_text("t" * ((1 << 16) + 1))
    result = run_once("check", str(file))
    assert result.returncode == 2 and "the file is too large; expected a readable file of at most 64 KiB" in result.stderr


def test_what_is_no_principal_is_refused():
    for principal in ("guest", "User:", ":guest"):
        result = run_once("topics", "apply", "--principal", principal, "--dry-run", env={"KAFKA_BROKERS": "127.0.0.1:1"})
        assert result.returncode == 2 and "expected User:NAME" in result.stderr
