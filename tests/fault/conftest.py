"""What the tests of faults share: programs that are gone afterwards, and what is written down at the end of the report."""

import contextlib

import pytest

WRITTEN = "written down"


@pytest.fixture
def ended():
    """Kills the programs that are entered."""
    with contextlib.ExitStack() as programs:
        yield lambda program: (programs.callback(program.kill), program)[1]


@pytest.fixture
def write_down(request):
    """Keeps a line for the end of the report, also when the test passes, and in whichever process it runs."""
    return lambda text: request.node.user_properties.append((WRITTEN, f"{request.node.name}: {text}"))


def pytest_terminal_summary(terminalreporter):
    reports = [one for outcome in ("passed", "failed") for one in terminalreporter.stats.get(outcome, [])]
    lines = [text for one in reports for name, text in one.user_properties if name == WRITTEN]
    if lines:
        terminalreporter.section(WRITTEN)
    for line in lines:
        terminalreporter.write_line(line)
