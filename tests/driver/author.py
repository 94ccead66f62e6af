"""The program of an author's own that tests/fault/author builds: a member of a consumer group, whose handler does what the
messages say."""

import contextlib
import pathlib
import signal
import subprocess

from driver.program import clean_environment, program_path

GROUP = "authors"
END = "end"  # ends the process


def rest(seconds):
    """Takes its time."""
    return f"rest:{seconds}"


class Author:
    """It keeps its data in `folder` over restarts. `properties` are librdkafka's."""

    def __init__(self, kafka, topic, folder, instance="", **properties):
        self.folder = pathlib.Path(folder)
        self.file = self.folder / "troupe.sqlite"
        options = ["--instance", instance] if instance else []
        for name, value in properties.items():
            options += ["--property", f"{name.replace('_', '.')}={value}"]
        self._command = [pathlib.Path(program_path()).parent / "author", kafka.bootstrap, topic, folder, *options]
        self.process = None

    def start(self):
        self.folder.mkdir(exist_ok=True)
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(self._command, stdout=log, stderr=log, env=clean_environment())
        return self

    def ended(self):
        """Whether it has ended by itself."""
        return self.process.poll() is not None

    def end(self):
        """Asks it to end and returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def kill(self):
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait(10)
