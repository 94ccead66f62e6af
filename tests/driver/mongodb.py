"""A MongoDB-wire server on loopback and a free port, with a user and a password: a real mongod where one is on the PATH, else
FerretDB over SQLite. Started, waited for, hurt, and ended by its own id."""

import contextlib
import pathlib
import secrets
import shutil
import signal
import subprocess
import sys
import threading

import pymongo
from pymongo.errors import PyMongoError

from driver.certificates import Authority
from driver.ports import free_ports
from driver.program import clean_environment, eventually

USER = "troupe"


def ferretdb():
    """FerretDB, which tests/prepare builds."""
    program = pathlib.Path(sys.prefix) / "bin/ferretdb"
    assert program.exists(), f"neither mongod on the PATH nor {program}; run this with the Python of tests/prepare"
    return program


class MongoDB:
    """The server, on the same port and with the same data over restarts. `pid_file` names its process."""

    def __init__(self, folder, tls=False):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.data.mkdir(parents=True)
        self.port = free_ports(1)[0]
        self.password = secrets.token_hex(12)
        self.ca = self.other_ca = self.certificate = self.process = None
        if tls:
            authority = Authority(self.folder, "ca")
            self.ca, self.certificate = authority.certificate, authority.issue("mongodb")
            self.other_ca = Authority(self.folder, "other-ca").certificate
        self.real = shutil.which("mongod")
        self._closed = threading.Event()
        self._watcher = None

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def uri(self, user=USER, password=None, address=None):
        """A connection string, without a word of TLS."""
        return f"mongodb://{user}:{password or self.password}@{address or self.address}/admin?authMechanism=SCRAM-SHA-256"

    @property
    def log(self):
        return self.folder / "mongodb.log"

    @property
    def pid_file(self):
        return self.folder / "mongodb.pid"

    def client(self, **options):
        """An independent client."""
        if self.ca:
            options |= {"tls": True, "tlsCAFile": str(self.ca)}
        return pymongo.MongoClient(self.uri(), **{"serverSelectionTimeoutMS": 2000, "socketTimeoutMS": 5000, **options})

    # Its life

    def start(self):
        begins = not any(self.data.iterdir())
        self._begin()
        if self.real and begins:
            eventually(self._user_is_made, 60, "a server without users")
        return self.wait_until_usable()

    def _begin(self):
        # It ends with a test that is killed.
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *map(str, self._command())],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                            env=clean_environment())
        self.pid_file.write_text(str(self.process.pid))

    def _command(self):
        if self.real:
            tls = ["--tlsMode", "requireTLS", "--tlsCertificateKeyFile", self.certificate,
                   "--tlsAllowConnectionsWithoutCertificates", "--tlsCAFile", self.ca] if self.certificate else []
            return [self.real, "--dbpath", self.data, "--bind_ip", "127.0.0.1", "--port", self.port, "--auth",
                    "--nounixsocket", *tls]
        listen = [f"--listen-addr={self.address}"]
        if self.certificate:
            listen = ["--listen-addr=", f"--listen-tls={self.address}", f"--listen-tls-cert-file={self.certificate}",
                      f"--listen-tls-key-file={self.certificate}"]
        return [ferretdb(), *listen, "--handler=sqlite", f"--sqlite-url=file:{self.data}/", "--state-dir=-", "--debug-addr=-",
                "--telemetry=disable", "--log-level=warn", "--test-enable-new-auth", "--setup-database=admin",
                f"--setup-username={USER}", f"--setup-password={self.password}"]

    def _user_is_made(self):
        tls = {"tls": True, "tlsCAFile": str(self.ca)} if self.ca else {}
        with contextlib.suppress(PyMongoError), pymongo.MongoClient(self.address, serverSelectionTimeoutMS=500, **tls) as client:
            client.admin.command("createUser", USER, pwd=self.password, roles=["root"])
            return True
        return False

    def wait_until_usable(self, within=60):
        def usable():
            assert self.process.poll() is None, f"the server ended: {self.log.read_text()[-2000:]}"
            with contextlib.suppress(PyMongoError), self.client(serverSelectionTimeoutMS=500) as client:
                return client.admin.command("ping")["ok"] == 1
            return False
        eventually(usable, within, "a usable server")
        return self

    def kill(self):
        self.process.kill()
        self.process.wait(10)

    def stop(self):
        self.process.terminate()
        self.process.wait(30)

    def pause(self):
        """It goes on listening and says nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def revive(self, after=1.0):
        """From now on begins it again whenever it has ended, some seconds later."""
        def watch():
            self._begin()
            begun.set()
            while not self._closed.is_set():
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.process.wait(0.05)
                    if not self._closed.wait(after):
                        self._begin()
        self.stop()
        begun = threading.Event()  # in the thread that stays: a server is tied to the one that starts it
        self._watcher = threading.Thread(target=watch, daemon=True)
        self._watcher.start()
        begun.wait(10)
        return self.wait_until_usable()

    def close(self):
        self._closed.set()
        if self._watcher is not None:
            self._watcher.join(10)
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)

    # What is in it

    def set_password(self, password):
        with self.client() as client:
            client.admin.command("updateUser", USER, pwd=password)
        self.password = password

    def documents(self, database, collection):
        with self.client() as client:
            return list(client[database][collection].find())

    def refusing_collection(self, database):
        """A collection that takes nothing, and a word of the reason."""
        if not self.real:
            return "_ferretdb_taken", "_ferretdb_taken"  # its own prefix
        with self.client() as client:
            client[database].create_collection("strict", validator={"impossible": {"$exists": True}})
        return "strict", "validation"

    def environment(self):
        """The variables for the tests of a bridge."""
        variables = {"TROUPE_TEST_MONGODB": self.uri(), "TROUPE_TEST_MONGODB_WRONG_PASSWORD": self.uri(password="wrong"),
                "TROUPE_TEST_MONGODB_PID_FILE": str(self.pid_file)}
        if self.ca:
            variables |= {"TROUPE_TEST_MONGODB_CA": str(self.ca), "TROUPE_TEST_MONGODB_OTHER_CA": str(self.other_ca)}
        return variables


@contextlib.contextmanager
def mongodb(folder, **options):
    """A server that is usable, and that is gone afterwards."""
    made = MongoDB(folder, **options)
    try:
        yield made.start()
    finally:
        made.close()
