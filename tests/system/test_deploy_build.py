"""What deploy/build says, with a small project in the place of ours."""

import os
import pathlib
import pty
import shutil
import subprocess

import pytest

BUILD = pathlib.Path(__file__).parent.parent.parent / "deploy/build"
PREPARE = BUILD.with_name("prepare")

LISTS = """cmake_minimum_required(VERSION 3.25)
project(small NONE)
file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/*.txt)
add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/bin/troupe DEPENDS ${PROJECT_SOURCE_DIR}/words VERBATIM
  COMMAND ${CMAKE_COMMAND} -E copy ${PROJECT_SOURCE_DIR}/words ${PROJECT_BINARY_DIR}/bin/troupe)
add_custom_target(troupe DEPENDS ${PROJECT_BINARY_DIR}/bin/troupe)
add_custom_target(slow COMMAND cat ${PROJECT_SOURCE_DIR}/pipe)
"""

PRESETS = """{"version": 6,
 "configurePresets": [{"name": "release", "generator": "Ninja", "binaryDir": "${sourceDir}/build/release"}],
 "buildPresets": [{"name": "release", "configurePreset": "release"}]}
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "deploy").mkdir()
    shutil.copy(BUILD, tmp_path / "deploy/build")
    prepare = tmp_path / "deploy/prepare"
    prepare.write_text("#!/bin/sh\necho /nowhere\n")
    prepare.chmod(0o755)
    (tmp_path / "CMakeLists.txt").write_text(LISTS)
    (tmp_path / "CMakePresets.json").write_text(PRESETS)
    (tmp_path / "words").write_text("first")
    return tmp_path


def built_on_a_terminal(project):
    """Runs deploy/build with a terminal as its standard error. Returns what it says there, and on standard output."""
    ours, its = pty.openpty()
    build = subprocess.Popen([project / "deploy/build"], stdout=subprocess.PIPE, stderr=its, text=True)
    os.close(its)
    said = b""
    try:
        while more := os.read(ours, 4096):
            said += more
    except OSError:  # the end of a terminal that nobody holds any more
        pass
    os.close(ours)
    result, _ = build.communicate(timeout=30)
    assert build.returncode == 0
    return said.decode(), result


def test_on_a_terminal_a_build_shows_its_progress_and_is_quiet_when_there_is_nothing_to_do(project):
    program = project / "build/release/bin/troupe"
    said, result = built_on_a_terminal(project)
    assert "Generating bin/troupe" in said and result == f"{program}\n"
    assert built_on_a_terminal(project) == ("", f"{program}\n")
    (project / "words").write_text("second")
    said, result = built_on_a_terminal(project)
    assert "Generating bin/troupe" in said and result == f"{program}\n"
    assert program.read_text() == "second"


def build(project, *arguments):
    return subprocess.Popen([project / "deploy/build", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_builds_in_one_folder_wait_for_one_another_and_name_it(project):
    os.mkfifo(project / "pipe")
    first = build(project, "release", "slow")
    with (project / "pipe").open("w", encoding="utf-8"):  # open as soon as the first build reads it, which ends when it is closed
        second = build(project)
        said = second.stderr.readline()
        assert f"waiting for process {first.pid}" in said and said.endswith("which builds in build/release\n")
        assert second.poll() is None and not (project / "build/release/bin").exists()
    assert first.wait(30) == 0
    result, _ = second.communicate(timeout=30)
    assert second.returncode == 0 and result == f"{project / 'build/release/bin/troupe'}\n"


def test_a_build_that_is_killed_is_waited_for_as_long_as_what_it_started_runs(project):
    os.mkfifo(project / "pipe")
    first = build(project, "release", "slow")
    with (project / "pipe").open("w", encoding="utf-8"):
        first.kill()
        second = build(project)
        assert "waiting for process" in second.stderr.readline()
    result, _ = second.communicate(timeout=30)
    assert second.returncode == 0 and result == f"{project / 'build/release/bin/troupe'}\n"


def test_what_cannot_be_configured_is_reported_with_the_words_of_cmake(project):
    (project / "CMakeLists.txt").write_text("nonsense(")
    result, said = build(project).communicate(timeout=30)
    assert result == "" and "Parse error" in said and said.endswith("build: release could not be configured; see above\n")


def test_a_shell_that_looks_for_folders_elsewhere_builds_here(project, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "deploy").mkdir()
    built = subprocess.run(["deploy/build"], cwd=project, env=os.environ | {"CDPATH": str(elsewhere)}, timeout=60,
                           capture_output=True, text=True, check=True)
    assert built.stdout == f"{project}/build/release/bin/troupe\n"


def test_a_folder_that_was_configured_elsewhere_is_configured_anew(project, tmp_path_factory):
    moved = tmp_path_factory.mktemp("moved") / "project"
    subprocess.run(["deploy/build"], cwd=project, timeout=60, capture_output=True, check=True)
    project.rename(moved)
    (moved / "words").write_text("second")
    built = subprocess.run(["deploy/build"], cwd=moved, timeout=60, capture_output=True, text=True, check=True)
    assert pathlib.Path(built.stdout.strip()).read_text() == "second"


def folder_of_cache(folder, **variables):
    env = {name: value for name, value in os.environ.items() if name not in ("HOME", "XDG_CACHE_HOME", "TROUPE_CACHE")}
    return subprocess.run([PREPARE, "cache"], cwd=folder, env=env | variables, timeout=60, capture_output=True, text=True,
                          check=False)


def test_slow_builds_are_kept_in_a_folder_by_its_whole_path(tmp_path):
    assert folder_of_cache(tmp_path, HOME="/home/a").stdout == "/home/a/.cache/troupe\n"
    assert folder_of_cache(tmp_path, HOME="/home/a", XDG_CACHE_HOME="/b").stdout == "/b/troupe\n"
    assert folder_of_cache(tmp_path, HOME="/home/a", TROUPE_CACHE="c").stdout == f"{tmp_path}/c\n"
    nowhere = folder_of_cache(tmp_path)
    assert (nowhere.returncode, nowhere.stdout) == (1, "")
    assert "TROUPE_CACHE" in nowhere.stderr
