"""Troupe installed, and a project of somebody else's on it."""

import pathlib
import re
import shutil
import subprocess

import pytest

from driver.program import clean_environment, eventually, program_path, run_once, running
from driver.stored import documents

SOURCE = pathlib.Path(__file__).parent / "outside"


def build_tree():
    return pathlib.Path(program_path()).resolve().parent.parent


def run(*command, expect=0):
    ran = subprocess.run([str(part) for part in command], timeout=600, capture_output=True, text=True, check=False,
                         env=clean_environment())
    assert ran.returncode == expect or expect is None, ran.stdout + ran.stderr
    return ran


def cached(name):
    """A setting of the build under test."""
    return re.search(rf"^{name}:\w+=(.*)$", (build_tree() / "CMakeCache.txt").read_text(), re.MULTILINE)[1]


@pytest.fixture(scope="module", name="prefix")
def installed_package(tmp_path_factory):
    prefix = tmp_path_factory.mktemp("installed")
    run("cmake", "--install", build_tree(), "--prefix", prefix)
    return prefix


@pytest.fixture(name="components")
def built_components(prefix):
    targets = next(prefix.glob("lib*/**/troupe-targets.cmake")).read_text()
    return sorted(set(re.findall(r"add_library\(troupe::(\w+) ", targets)))


def configure(prefix, into, components, expect=0, source=SOURCE, **settings):
    return run("cmake", "-G", "Ninja", "-S", source, "-B", into, f"-DCMAKE_PREFIX_PATH={prefix}",
               f"-DCAF_DIR={cached('CAF_DIR')}", f"-DCMAKE_CXX_COMPILER={cached('CMAKE_CXX_COMPILER')}",
               f"-DWEATHER_COMPONENTS={';'.join(components)}",
               *(f"-D{name}={value}" for name, value in settings.items()), expect=expect)


def test_an_outside_project_runs_its_own_service_with_its_own_message_type(prefix, tmp_path):
    configure(prefix, tmp_path, [])
    run("cmake", "--build", tmp_path)
    assert run(tmp_path / "weather").stdout == "Bergen: sunny\nnot_found: no such place\n"


def test_an_outside_project_serves_and_asks_a_greeter_of_its_own_over_grpc(prefix, tmp_path):
    configure(prefix, tmp_path, ["grpc"])
    run("cmake", "--build", tmp_path, "--target", "herald")
    assert run(tmp_path / "herald").stdout == "Hear ye!\n"


def test_an_outside_project_serves_and_calls_a_contract_of_its_own_over_grpc(prefix, tmp_path):
    configure(prefix, tmp_path, ["grpc", "contract_actors"])
    run("cmake", "--build", tmp_path, "--target", "post")
    assert run(tmp_path / "post").stdout == "to Bergen\ngoogle.protobuf.Empty\n"


def test_an_outside_project_runs_a_program_of_services_of_its_own(prefix, tmp_path):
    configure(prefix, tmp_path / "build", ["host"])
    run("cmake", "--build", tmp_path / "build", "--target", "depot")
    program = str(tmp_path / "build/depot")
    missing = run_once("run", "--data", str(tmp_path / "data"), program=program)
    assert missing.returncode == 2 and 'the secret "desk-key" is missing; expected COUNTER_DESK_KEY' in missing.stderr
    topics = run_once("topics", "apply", program=program)  # in a job that has no secret of a service
    assert (topics.returncode, topics.stdout) == (0, "nothing to do: streams and queues are embedded\n")
    with running(tmp_path / "data", program=program, env={"COUNTER_DESK_KEY": "sesame"}) as depot:
        assert depot.get("/v1/parcels", method="POST", body=b'{"to": "Bergen"}').status == 403
        taken = depot.get("/v1/parcels", method="POST", body=b'{"to": "Bergen"}', headers={"desk-key": "sesame"})
        assert (taken.status, list(taken.json())) == (200, ["number"])
        assert "sesame" not in "".join(depot.lines)
        eventually(lambda: list(documents(depot.file, "depot", "shelf").values()) == [{"to": "Bergen"}])
        assert depot.end() == 0


@pytest.mark.parametrize("parts", [(), ("--contract",), ("--consumer",)], ids=["all", "contract", "consumer"])
def test_a_new_project_builds_passes_its_own_test_and_runs_as_it_was_told(prefix, tmp_path, parts):
    folder = tmp_path / "my_notes"
    commands = [line.strip() for line in run(prefix / "bin/troupe", "new", folder, *parts).stdout.splitlines() if line.startswith("  ")]
    assert commands[0] == f"cd {folder}" and commands[-1] == "build/my_notes run topologies/one.yaml"
    built = run("env", f"CXX={cached('CMAKE_CXX_COMPILER')}", "sh", "-ec", "\n".join(commands[:-1]))
    assert "100% tests passed, 0 tests failed out of 1" in built.stdout
    program = str(folder / "build/my_notes")
    with running(tmp_path / "data", str(folder / "topologies/one.yaml"), program=program) as notes:
        if "--consumer" not in parts:
            added = notes.get("/v1/notes", method="POST", body=b'{"text": "milk"}')
            assert (added.status, list(added.json())) == (200, ["id"])
        eventually(lambda: documents(notes.file, "my_notes", "notes"))
        assert notes.end() == 0
    servers = {"KAFKA_BROKERS": "localhost:9092", "MONGO_CONN": "mongodb://localhost"}
    for service in ("notes",) * ("--consumer" not in parts) + ("archive",) * ("--contract" not in parts):
        checked = run_once("check", str(folder / "topologies/services.yaml"), "--service", service, env=servers, program=program,
                           cwd=tmp_path)
        assert (checked.returncode, checked.stderr) == (0, "") and f"\n  {service}\n" in checked.stdout


def test_an_rpc_that_streams_fails_the_build_with_its_position(prefix, tmp_path):
    shutil.copytree(SOURCE, tmp_path / "source")
    proto = tmp_path / "source/mail/post.proto"
    proto.write_text(proto.read_text().replace("returns (google", "returns (stream google"))
    configure(prefix, tmp_path / "build", ["contract_actors"], source=tmp_path / "source")
    failed = run("cmake", "--build", tmp_path / "build", "--target", "post", expect=None)
    assert failed.returncode != 0
    assert re.search(r"mail/post\.proto:9:3: rpc mail\.Post\.Send streams its answer", failed.stdout + failed.stderr)


def test_every_installed_header_is_found_and_every_library_can_be_linked(prefix, components, tmp_path):
    headers = sorted(path.relative_to(prefix / "include") for path in (prefix / "include").rglob("*.hpp"))
    assert len(headers) > 50
    assert {"messages", "policies", "actors", "embedded", "grpc", "http", "store", "telemetry"} <= set(components)
    (tmp_path / "everything.cpp").write_text("".join(f"#include <{header}>\n" for header in headers) + "int main() {}\n")
    configure(prefix, tmp_path, components, WEATHER_CHECK="ON")
    run("cmake", "--build", tmp_path, "--target", "everything")
    run(tmp_path / "everything")


def test_the_target_installed_makes_all_that_is_installed(prefix):
    commands = run("ninja", "-C", build_tree(), "-t", "commands", "installed").stdout
    installed = [path.name for path in prefix.rglob("*") if path.suffix == ".a" or path.parent == prefix / "bin"]
    assert len(installed) > 20
    assert [name for name in installed if not re.search(rf"[/ ]{re.escape(name)}\b", commands)] == []


def test_a_component_that_was_not_built_is_refused_by_name(prefix, tmp_path):
    result = configure(prefix, tmp_path, ["actors", "pigeon"], expect=None)
    assert result.returncode != 0 and "no pigeon" in result.stderr


def test_the_installed_program_runs(prefix):
    assert re.fullmatch(r"troupe \d+\.\d+\.\d+\n", run(prefix / "bin" / "troupe", "--version").stdout)


def test_what_is_the_programs_alone_is_not_installed(prefix):
    headers = {str(path.relative_to(prefix / "include/troupe/deploy")) for path in prefix.rglob("include/troupe/deploy/**/*.hpp")}
    assert headers == {"host/code.hpp", "host/program.hpp"} and not list(prefix.rglob("*topology*.hpp"))
    assert not list(prefix.rglob("*reference*"))
