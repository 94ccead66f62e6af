"""A relay between a service and its dependency, to cut, delay and lose what passes."""

import contextlib
import socket
import threading
import time


class Relay:
    """Listens on loopback and passes bytes on to `target`."""

    def __init__(self, target):
        self.host, port = target.rsplit(":", 1)
        self.port = int(port)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        self.delay = 0.0  # seconds before each piece of an answer
        self._losing = set()  # connections whose answers are thrown away
        self.passed = threading.Event()  # set when something was passed on to the target
        self._open = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection((self.host, self.port), timeout=5)
            except OSError:
                client.close()
                continue
            with self._lock:
                self._open |= {client, server}
            threading.Thread(target=self._pass, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, True), daemon=True).start()

    def _pass(self, source, sink, answers):
        try:
            while piece := source.recv(65536):
                if answers and self.delay:
                    time.sleep(self.delay)
                if answers and source in self._losing:
                    continue
                sink.sendall(piece)
                if not answers:
                    self.passed.set()
        except OSError:
            pass
        self._close(source, sink)

    def _close(self, *sockets):
        with self._lock:
            self._open -= set(sockets)
            self._losing -= set(sockets)
        for one in sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def lose_answers(self):
        """From now on no answer passes on the connections that are open; requests do, and later connections pass all."""
        with self._lock:
            self._losing = set(self._open)

    def cut(self):
        """Breaks every connection in the middle of whatever passes."""
        with self._lock:
            open_now = list(self._open)
        self._close(*open_now)

    def close(self):
        self._listener.close()
        self.cut()


@contextlib.contextmanager
def relay(target):
    made = Relay(target)
    try:
        yield made
    finally:
        made.close()
