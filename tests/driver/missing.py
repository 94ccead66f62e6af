"""What cannot be tested on this machine, listed at the end of tests/run instead of passing unseen."""

import os
import pathlib

import pytest


def not_run(reason):
    """Leaves the test out, and has the reason listed."""
    listed = os.environ.get("TROUPE_NOT_RUN")
    if listed:
        with pathlib.Path(listed).open("a", encoding="utf-8") as file:
            file.write(reason + "\n")
    pytest.skip(reason)
