import pathlib
import signal
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from driver.program import running  # noqa: E402

# Who is started in the background of a script ignores Ctrl-C, and so would the programs under test.
signal.signal(signal.SIGINT, signal.default_int_handler)


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
