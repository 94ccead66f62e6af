"""A double of a program's administration listener, for what the program itself cannot be made to be within a test: 500 actors,
10,000 dead letters, hostile texts everywhere, slow, gone, and of an earlier version."""

import contextlib
import copy
import http.server
import json
import pathlib
import socket
import threading
import urllib.parse

UI = pathlib.Path(__file__).parents[2] / "ui" / "operator"
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
          "form-action 'none'; frame-ancestors 'none'")
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
SINCE = "2026-01-02T03:04:05.678901Z"


def actor(name, *children, **more):
    return {"name": name, "state": "running", "supervises": bool(children), "incarnation": 1, "restarts": 0, "mailbox": 0,
            "since": SINCE, "children": list(children), **more}


def letter(number, above=0, **more):
    text = json.dumps({"n": number})
    return {"number": str(above + number), "source": "orders", "partition": 0, "offset": number, "service": "shipping", "error": "undecodable",
            "reason": f"no order {number}", "attempts": 3, "first_failure": SINCE, "last_failure": SINCE, "id": f"id-{number}",
            "content_type": "application/json", "headers": [], "payload_bytes": len(text), "payload": text, **more}


class Administration:
    """What it answers may be changed at any time; `change_tree` sends it to those who follow the tree."""

    def __init__(self):
        self.tree = actor("shop", actor("orders", actor("keeper")))
        self.letters = []
        self.flows = {"program": "shop", "version": "1.0", "uptime_seconds": 5, "services": [], "channels": [], "stores": [], "peers": []}
        self.settings, self.lines, self.traces = [], [], {}
        self.faults = {"allowed": True, "reason": None, "kinds": [], "active": []}
        self.absent = set()  # paths that this program does not have
        self.token = None
        self.going_on = threading.Event()  # cleared: accepts and does not answer
        self.going_on.set()
        self._version = 1
        self._changed = threading.Condition()
        self._server = None
        self.port = 0
        self._open = set()

    def change_tree(self, change):
        with self._changed:
            tree = copy.deepcopy(self.tree)
            change(tree)
            self.tree = tree
            self._version += 1
            self._changed.notify_all()

    def begin(self):
        double = self

        class Handler(_Handler):
            of = double

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def end(self):
        """Stops listening and breaks every connection, as a process that is killed."""
        self._server.shutdown()
        self._server.server_close()
        for one in list(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        with self._changed:
            self._changed.notify_all()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def answer(self, method, path, query, body):
        """Status and JSON."""
        if path in self.absent or path.split("/")[1] in self.absent:
            return 404, {"title": "Not Found", "status": 404}
        if (method, path) == ("POST", "/dead-letters/redrive"):
            return 200, {"redriven": self._redrive(body)}
        plain = {"/tree": self.tree, "/flows": self.flows, "/settings": {"settings": self.settings}, "/faults": self.faults,
                 "/log-level": {"level": "info"}, "/traces": {"traces": [one["listed"] for one in self.traces.values()]}}
        if path in plain:
            return 200, plain[path]
        if path == "/dead-letters":
            return 200, self._page(query)
        if path.startswith("/dead-letters/"):
            found = [one for one in self.letters if one["number"] == path.rsplit("/", 1)[1]]
            return (200, found[0]) if found else (404, {"detail": "there is no such dead letter"})
        if path.startswith("/traces/") and path[8:] in self.traces:
            return 200, self.traces[path[8:]]["shown"]
        if path == "/logs":
            after = int(query.get("after", 0))
            return 200, {"lines": [one for one in self.lines if one["number"] > after], "next": len(self.lines)}
        return 404, {"title": "Not Found", "status": 404}

    def _page(self, query):
        after, limit = int(query.get("after", 0)), int(query.get("limit", 100))
        found = [one for one in self.letters if int(one["number"]) > after and query.get("source") in (None, one["source"])]
        return {"dead_letters": found[:limit], **({"next": found[limit - 1]["number"]} if len(found) > limit else {})}

    def _redrive(self, body):
        there = len(self.letters)
        self.letters = [one for one in self.letters if one["number"] not in body["numbers"]]
        return there - len(self.letters)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    of = None

    def setup(self):
        super().setup()
        self.of._open.add(self.connection)

    def finish(self):
        self.of._open.discard(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def log_message(self, *_):
        pass

    def _send(self, status, kind, body, headers=()):
        self.send_response(status)
        for name, value in [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store"), *headers]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _serve(self):
        url = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with contextlib.suppress(OSError):
            if url.path == "/" or url.path.startswith("/ui/"):
                self._file("index.html" if url.path == "/" else url.path[4:])
                return
            self.of.going_on.wait()
            if self.of.token and self.headers.get("Authorization") != f"Bearer {self.of.token}":
                self._send(401, "application/problem+json", b"{}")
            elif url.path == "/tree/events":
                self._events()
            else:
                status, answer = self.of.answer(self.command, url.path, dict(urllib.parse.parse_qsl(url.query)), json.loads(body or "{}"))
                self._send(status, "application/json" if status < 400 else "application/problem+json", json.dumps(answer).encode())

    do_GET = do_POST = do_PUT = do_DELETE = _serve

    def _file(self, name):
        file = UI / name
        if "/" in name or not file.is_file():
            self._send(404, "text/plain", b"")
            return
        self._send(200, TYPES[file.suffix], file.read_bytes(), [("Content-Security-Policy", POLICY),
                   ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer")])

    def _events(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        seen = None
        while True:
            with self.of._changed:
                self.of._changed.wait_for(lambda: self.of._version != seen, 5)
                if self.of._version == seen:
                    continue
                seen, text = self.of._version, json.dumps(self.of.tree)
            self.wfile.write(f"event: tree\r\nid: {seen}\r\ndata: {text}\r\n\r\n".encode())
            self.wfile.flush()


@contextlib.contextmanager
def administration():
    made = Administration()
    made.begin()
    try:
        yield made
    finally:
        made.going_on.set()
        made.end()
