"""HTTP/2 by hand, for what no client of gRPC does."""

import contextlib
import socket
import struct

DATA, HEADERS, RST_STREAM, SETTINGS = 0, 1, 3, 4  # RFC 9113, section 6
END_HEADERS, ACK = 4, 1
MAX_CONCURRENT_STREAMS = 3
CANCEL = struct.pack(">I", 8)


def frame(kind, flags, stream, payload=b""):
    """A frame of HTTP/2 (RFC 9113, section 4.1)."""
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def literal(name, value):
    """A header in HPACK without index and compression (RFC 7541, section 6.2.2)."""
    return b"\0" + b"".join(bytes([len(each)]) + each for each in (name, value))


def call(stream, **more):
    """The headers of a call of the greeting, whose message may follow."""
    fields = {b":method": b"POST", b":scheme": b"http", b":path": b"/greeting.GreetingService/Greeting", b":authority": b"localhost",
            b"content-type": b"application/grpc", b"te": b"trailers"}
    fields |= {name.replace("_", "-").encode(): value for name, value in more.items()}
    return frame(HEADERS, END_HEADERS, stream, b"".join(literal(*each) for each in fields.items()))


@contextlib.contextmanager
def connection(address):
    """A connection on which the client has begun."""
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=30) as one:
        one.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0))
        yield one


def settings_of(one):
    """What the server says first: its settings by their number, which are acknowledged."""
    with one.makefile("rb") as stream:
        head = stream.read(9)
        assert head[3] == SETTINGS, head
        body = stream.read(int.from_bytes(head[:3], "big"))
    one.sendall(frame(SETTINGS, ACK, 0))
    return dict(struct.iter_unpack(">HI", body))
