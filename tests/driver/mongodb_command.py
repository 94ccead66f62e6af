"""What tests/servers/mongodb runs."""

import contextlib
import sys

from driver.mongodb import mongodb
from driver.serving import arguments, serve


@contextlib.contextmanager
def starting(folder, asked):
    with mongodb(folder / "mongodb", tls=asked.tls) as server:
        yield server.revive() if asked.revive else server


def main():
    parser = arguments("mongodb", "a MongoDB-wire server: a real mongod where there is one, else FerretDB")
    parser.add_argument("--tls", action="store_true", help="requires TLS")
    parser.add_argument("--revive", action="store_true", help="begins it again, a second after a test has killed it")
    asked = parser.parse_args()
    return serve(lambda folder: starting(folder, asked), asked.command)


sys.exit(main())
