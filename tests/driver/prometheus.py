"""A real Prometheus on loopback and a free port: scrapes what a test runs, and is asked over its own API."""

import contextlib
import json
import pathlib
import subprocess
import threading
import urllib.parse
import urllib.request

import yaml

from driver.ports import free_ports
from driver.program import eventually


class Prometheus:
    """`jobs` are scrape configurations; each is scraped every second. `rules` are files."""

    def __init__(self, folder, jobs, rules=()):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.address = f"127.0.0.1:{free_ports(1)[0]}"
        self.file = self.folder / "prometheus.yml"
        self.file.write_text(yaml.safe_dump({"global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
                                             "rule_files": [str(each) for each in rules], "scrape_configs": jobs}))
        self.log = self.folder / "prometheus.log"
        self.process = None

    def start(self):
        # It ends with a test that is killed. The system ties it to the thread that starts it, not to its process.
        tied = ["setpriv", "--pdeathsig", "KILL"] if threading.current_thread() is threading.main_thread() else []
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*tied, "prometheus", f"--config.file={self.file}", f"--storage.tsdb.path={self.folder / 'data'}",
                 f"--web.listen-address={self.address}", "--log.level=warn"],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        eventually(self._answers, 30, "a Prometheus that answers")
        return self

    def _answers(self):
        assert self.process.poll() is None, f"Prometheus ended: {self.log.read_text()[-2000:]}"
        with contextlib.suppress(OSError):
            return self.ask("/-/ready", parse=bytes)
        return None

    def close(self):
        if self.process:
            self.process.kill()
            self.process.wait(30)

    def ask(self, path, parse=json.loads, **parameters):
        url = f"http://{self.address}{path}?{urllib.parse.urlencode(parameters, doseq=True)}"
        with urllib.request.urlopen(url, timeout=30) as answer:
            return parse(answer.read())

    def query(self, expression):
        """The samples of an instant query: label sets with values."""
        result = self.ask("/api/v1/query", query=expression)["data"]["result"]
        return [(each["metric"], float(each["value"][1])) for each in result]

    def label_values(self, label, match):
        return self.ask(f"/api/v1/label/{label}/values", **{"match[]": match})["data"]

    def targets_down(self):
        """The last error of each target that could not be scraped."""
        return {each["scrapeUrl"]: each["lastError"] for each in self.ask("/api/v1/targets")["data"]["activeTargets"]
                if each["health"] != "up"}


@contextlib.contextmanager
def prometheus(folder, jobs, rules=()):
    """One that answers, and that is gone afterwards."""
    made = Prometheus(folder, jobs, rules)
    try:
        yield made.start()
    finally:
        made.close()
