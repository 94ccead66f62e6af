"""A ledger: what was accepted at the source against the effects in the store."""

import http.client
import json
import threading
import time

from driver.program import eventually
from driver.stored import dead_letters, document_ids, waiting

STORED = {"Service-C": ("service-c", "greetings"), "Service-G": ("service-g", "greetings"),
          "Service-H": ("service-h", "greetings"), "Service-D": ("service-f", "messages")}


class Ledger:
    """Asks for greetings from several clients at a time and keeps the ids that were accepted: answered 200 and complete, of the
    services that `stored` names."""

    def __init__(self, where, headers=None, stored=None):
        self.where = where  # () -> "host:port"; asked anew for every connection, because a restart may move it
        self.headers = headers or {}
        self.accepted = {service: set() for service in stored or STORED}
        self.complete = self.partial = self.refused = self.broken = 0
        self.slowest = 0.0  # seconds, of the calls that were answered
        self.refusals = set()  # statuses
        self._lock = threading.Lock()
        self._left = 0
        self._stop = False

    def run(self, requests, clients=8):
        """Starts asking; returns the threads."""
        self._left = requests
        threads = [threading.Thread(target=self._client, daemon=True) for _ in range(clients)]
        for thread in threads:
            thread.start()
        return threads

    def stop(self):
        self._stop = True

    @property
    def answered(self):
        return self.complete + self.partial + self.refused + self.broken

    def _client(self):
        connection = None
        while True:
            with self._lock:
                if self._left <= 0 or self._stop:
                    return
                self._left -= 1
            try:
                if connection is None:
                    host, port = self.where().rsplit(":", 1)
                    connection = http.client.HTTPConnection(host, int(port), timeout=10)
                began = time.monotonic()
                connection.request("GET", "/api/v1/greeting", headers=self.headers)
                answer = connection.getresponse()
                body = answer.read()
                self._enter(answer, body, time.monotonic() - began)
            except (OSError, http.client.HTTPException):
                with self._lock:
                    self.broken += 1
                    self._left += 1  # what was never answered does not count as asked
                if connection is not None:
                    connection.close()
                connection = None

    def _enter(self, answer, body, took):
        with self._lock:
            self.slowest = max(self.slowest, took)
            if answer.status != 200:
                self.refused += 1
                self.refusals.add(answer.status)
            elif answer.getheader("troupe-missing"):
                self.partial += 1
            else:
                self.complete += 1
                for one in json.loads(body)["greeting"]:
                    if one["service"] in self.accepted:
                        self.accepted[one["service"]].add(one["id"])

    def check(self, file, within=120, stored_ids=document_ids):
        """Waits until the queue is empty, then compares. Every accepted id has its effect exactly once. `file` is the data
        file, or each service's by its name; `stored_ids` reads all ids of a collection, from there or elsewhere."""
        files = file if isinstance(file, dict) else dict.fromkeys(STORED, file)
        eventually(lambda: waiting(files["Service-D"], "service-d") == 0, within, "an empty queue")
        assert self.complete > 0
        for service, (database, collection) in STORED.items():
            assert dead_letters(files[service]) == []
            stored = stored_ids(files[service], database, collection)
            assert len(stored) == len(set(stored)), f"{service}: effects twice"
            lost = self.accepted[service] - set(stored)
            assert not lost, f"{service}: {len(lost)} of {len(self.accepted[service])} accepted are lost, such as {list(lost)[:3]}"
