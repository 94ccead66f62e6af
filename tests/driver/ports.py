"""Ports for servers whose ports are configured. Tests run side by side: each process reserves a block of ports for as long as it lives, so
that none is given one that another has been given and does not listen on yet."""

import contextlib
import fcntl
import os
import pathlib
import socket

BLOCK = 200  # of which a module's platform keeps 16 while its tests take theirs in turn
# Below those that the system gives to outgoing connections: a port of theirs could be taken again before it is listened on.
FIRST, END = 10_000, 32_000
CLAIMS = pathlib.Path(f"/tmp/troupe-test-ports-{os.getuid()}")


class _Block:
    """A block that no other process of ours has. The lock on its file ends with the process."""

    def __init__(self):
        CLAIMS.mkdir(mode=0o700, exist_ok=True)
        for first in range(FIRST, END, BLOCK):
            self._claim = (CLAIMS / str(first)).open("w", encoding="utf-8")
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(self._claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.first, self._given = first, 0
                return
            self._claim.close()
        raise AssertionError(f"every block of ports from {FIRST} to {END} is claimed in {CLAIMS}")

    def take(self, count):
        """Consecutive ports of the block, each once until all have been given."""
        assert count <= BLOCK
        if self._given + count > BLOCK:
            self._given = 0
        first = self.first + self._given
        self._given += count
        return range(first, first + count)


_block = None


def free_ports(count):
    """Consecutive ports that nobody listens on."""
    global _block
    _block = _block or _Block()
    for _ in range(2 * BLOCK):
        ports = _block.take(count)
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            for port in ports:
                held.enter_context(socket.create_server(("127.0.0.1", port)))
            return list(ports)
    raise AssertionError(f"no {count} free ports from {_block.first} on")
