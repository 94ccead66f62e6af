"""Scripts with what they call: programs that stand in for the real ones (tests/cloud/stand_in.py)."""

import json
import pathlib
import subprocess
import sys

STAND_IN = pathlib.Path(__file__).parents[1] / "cloud" / "stand_in.py"
PROGRAMS = ("gcloud", "helm", "kubectl", "eksctl", "terraform", "aws")


class StandIns:
    """A folder of such programs, what they remember, and each call of them."""

    def __init__(self, folder, scripts, settings):
        self.scripts = scripts
        self.folder = folder / "stand-in"
        self.folder.mkdir()
        programs = folder / "programs"
        programs.mkdir()
        for name in PROGRAMS:
            program = programs / name
            program.write_text(f"#!/bin/sh\nexec {sys.executable} -I -S {STAND_IN} {name} \"$@\"\n")
            program.chmod(0o755)
        self.environment = {"PATH": f"{programs}:/usr/bin:/bin", "HOME": str(folder), "TMPDIR": str(folder),
                            "STAND_IN": str(self.folder), **settings}

    def run(self, script, *options, code=0, **settings):
        return self.shell([self.scripts / script, *options], code, **settings)

    def shell(self, words, code=0, cwd=None, **settings):
        environment = {k: v for k, v in {**self.environment, **settings}.items() if v is not None}
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=120, cwd=cwd)
        assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def calls(self):
        """What was called since the last look."""
        file = self.folder / "calls.jsonl"
        calls = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        file.unlink(missing_ok=True)
        return calls

    def changes(self):
        return [call for call in self.calls() if call["command"].split()[-1] not in ("describe", "list")]

    def state(self):
        file = self.folder / "state.json"
        return json.loads(file.read_text()) if file.exists() else {}

    def put(self, key, value):
        (self.folder / "state.json").write_text(json.dumps({**self.state(), key: value}))
