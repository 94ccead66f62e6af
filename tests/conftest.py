import pathlib
import signal
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from driver.program import Program, running  # noqa: E402

# Who is started in the background of a script ignores Ctrl-C, and so would the programs under test.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup():
    Program.known[:] = [one for one in Program.known if one.process.poll() is None]  # those that tests share


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(call):
    """A test that fails reports its programs as they are before they are ended."""
    report = (yield).get_result()
    if call.when == "call" and report.failed:
        report.sections += [(f"program in {one.data}", one.report()) for one in Program.known]


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def start(data):
    """Starts ready programs on the test's data folder; whatever still runs at the end is killed."""
    open_programs = []

    def begin(*arguments, **options):
        context = running(options.pop("data", data), *arguments, **options)
        open_programs.append(context)
        return context.__enter__()

    yield begin
    for context in reversed(open_programs):
        context.__exit__(None, None, None)
