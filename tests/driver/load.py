"""Clients of a Service that never let it rest, and what they got."""

import contextlib
import http.client
import re
import signal
import subprocess
import threading


class Load:
    """hey with connections that stay, hey with a connection for each request, and a client that reads whether answers are complete."""

    def __init__(self, address, path="/api/v1/greeting"):
        self.complete, self.partial, self.failed = 0, [], []
        self._address, self._path = address, path
        self._stop = threading.Event()
        url = f"http://{address}{path}"
        self._hey = [subprocess.Popen(["hey", "-z", "600s", "-c", "4", "-q", "5", "-t", "20", *more, url], stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, text=True) for more in ((), ("-disable-keepalive",))]
        self._client = threading.Thread(target=self._ask)
        self._client.start()

    def _ask(self):
        while not self._stop.wait(0.1):
            try:
                connection = http.client.HTTPConnection(self._address, timeout=20)
                connection.request("GET", self._path)
                answer = connection.getresponse()
                answer.read()
                connection.close()
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(repr(error))
                continue
            missing = answer.getheader("troupe-missing")
            if answer.status != 200:
                self.failed.append(str(answer.status))
            elif missing:
                self.partial.append(missing)
            else:
                self.complete += 1

    def end(self):
        """What hey has printed, each."""
        self._stop.set()
        for each in self._hey:
            each.send_signal(signal.SIGINT)
        outputs = [each.communicate(timeout=60)[0] for each in self._hey]
        self._client.join(30)
        return outputs

    def check(self):
        """Ends the load: not one request has failed, and no answer lacked a part. The number of answers."""
        answers = self.complete
        for output in self.end():
            statuses = {int(status): int(count) for status, count in re.findall(r"\[(\d{3})\]\s+(\d+) responses", output)}
            assert set(statuses) == {200} and "Error distribution" not in output, output
            answers += statuses[200]
        assert not self.failed and not self.partial, f"failed {self.failed}, partial {self.partial}, of {self.complete}"
        assert self.complete > 0
        return answers


@contextlib.contextmanager
def load(address, **options):
    """Load for as long as the block takes, which is checked at its end."""
    made = Load(address, **options)
    try:
        yield made
        print(f"{made.check()} answers, not one failed")
    finally:
        if made._client.is_alive():
            made.end()
