"""What the tests of faults share: programs that are gone afterwards, and what is written down at the end of the report."""

import contextlib

import pytest

WRITTEN = []


@pytest.fixture
def ended():
    """Kills the programs that are entered."""
    with contextlib.ExitStack() as programs:
        yield lambda program: (programs.callback(program.kill), program)[1]


@pytest.fixture
def write_down(request):
    """Keeps a line for the end of the report, also when the test passes."""
    return lambda text: WRITTEN.append(f"{request.node.name}: {text}")


def pytest_terminal_summary(terminalreporter):
    if WRITTEN:
        terminalreporter.section("written down")
    for line in WRITTEN:
        terminalreporter.write_line(line)
