"""What deploy/build says on a terminal, with a small project in the place of ours."""

import os
import pathlib
import pty
import shutil
import subprocess

import pytest

BUILD = pathlib.Path(__file__).parent.parent.parent / "deploy/build"

LISTS = """cmake_minimum_required(VERSION 3.25)
project(small NONE)
file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/*.txt)
add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/bin/troupe DEPENDS ${PROJECT_SOURCE_DIR}/words VERBATIM
  COMMAND ${CMAKE_COMMAND} -E copy ${PROJECT_SOURCE_DIR}/words ${PROJECT_BINARY_DIR}/bin/troupe)
add_custom_target(troupe DEPENDS ${PROJECT_BINARY_DIR}/bin/troupe)
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
    told, _ = build.communicate(timeout=30)
    assert build.returncode == 0
    return said.decode(), told


def test_on_a_terminal_a_build_shows_its_progress_and_is_quiet_when_there_is_nothing_to_do(project):
    program = project / "build/release/bin/troupe"
    said, told = built_on_a_terminal(project)
    assert "Generating bin/troupe" in said and told == f"{program}\n"
    assert built_on_a_terminal(project) == ("", f"{program}\n")
    (project / "words").write_text("second")
    said, told = built_on_a_terminal(project)
    assert "Generating bin/troupe" in said and told == f"{program}\n"
    assert program.read_text() == "second"
