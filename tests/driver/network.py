"""A network between processes on one machine, whose links can be cut and restored: who connects is known by the process that
owns the socket, so that a link is a pair of nodes, though each node has but one address for all."""

import contextlib
import os
import pathlib
import socket
import threading

CLIENT = "client"  # any process that is not a node


def owns(pid, inode):
    with contextlib.suppress(OSError):
        for entry in os.scandir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                if os.readlink(entry.path) == f"socket:[{inode}]":
                    return True
    return False


class Network:
    """Nodes are distinguished by `pids()`, which returns the process id of each node that runs."""

    def __init__(self, pids):
        self._pids = pids
        self._cut = set()  # of (source, target)
        self._changed = threading.Condition()
        self._listeners = []
        self._open = set()
        self._closed = False

    def listen(self, node, target, port=0):
        """Begins to pass to the address `target` of a node what arrives at the address that is returned."""
        listener = socket.create_server(("127.0.0.1", port), backlog=256)
        self._listeners.append(listener)
        threading.Thread(target=self._accept, args=(listener, node, target), daemon=True).start()
        return "127.0.0.1:%d" % listener.getsockname()[1]

    def cut(self, one, other):
        """Nothing passes between the two any more, and neither of them notices: what is sent arrives when it is restored, if
        the connection still stands by then."""
        with self._changed:
            self._cut |= {(one, other), (other, one)}

    def cut_off(self, node, *others):
        """Cuts a node from every other node, but not from the clients."""
        for other in others or self._pids():
            if other != node:
                self.cut(node, other)

    def restore(self):
        """Mends every link."""
        with self._changed:
            self._cut.clear()
            self._changed.notify_all()

    def close(self):
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            left = list(self._open)
        for listener in self._listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self._end(*left)

    def _source(self, port):
        for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
            field = line.split()
            if field[1] == f"0100007F:{port:04X}":
                return next((node for node, pid in self._pids().items() if owns(pid, field[9])), CLIENT)
        return CLIENT

    def _accept(self, listener, node, target):
        while True:
            try:
                client, (_, port) = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(client, port, node, target), daemon=True).start()

    def _connect(self, client, port, node, target):
        source = self._source(port)
        host, target_port = target.rsplit(":", 1)
        try:
            self._wait(source, node)
            server = socket.create_connection((host, int(target_port)), timeout=5)
            server.settimeout(None)
        except OSError:
            client.close()
            return
        for one in (client, server):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._changed:
            self._open |= {client, server}
        threading.Thread(target=self._pass, args=(server, client, node, source), daemon=True).start()
        self._pass(client, server, source, node)

    def _wait(self, source, target):
        """Until what `source` sends can reach `target`."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or (source, target) not in self._cut)
            if self._closed:
                raise ConnectionAbortedError

    def _pass(self, reader, writer, source, target):
        try:
            while piece := reader.recv(65536):
                self._wait(source, target)
                writer.sendall(piece)
            self._wait(source, target)
        except OSError:
            pass
        self._end(reader, writer)

    def _end(self, *sockets):
        with self._changed:
            self._open -= set(sockets)
        for one in sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
