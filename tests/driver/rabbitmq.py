"""A real RabbitMQ on loopback and free ports: started, waited for, hurt, restored, and ended by its own ids."""

import contextlib
import os
import pathlib
import secrets
import signal
import socket
import subprocess
import threading
import urllib.parse

from driver.certificates import Authority
from driver.ports import free_ports
from driver.program import eventually

SCRIPTS = pathlib.Path("/usr/lib/rabbitmq/bin")  # those in /usr/sbin would become another user
ADMIN, GUEST, EXTERNAL = "admin", "nobody", "troupe-by-certificate"
SHOWN = "broker"  # the name in the certificate that clients are shown
COMMAND_WITHIN = 60  # seconds that a command of administration may take


class Security:
    """Certificates of an authority `ca`; `other_ca` is one that has issued none of them."""

    def __init__(self, folder):
        folder.mkdir(parents=True)
        self.ca = Authority(folder, "ca")
        self.other_ca = Authority(folder, "other-ca")
        self.certificates = {"valid": self.ca.issue(SHOWN),
                             "expired": self.ca.issue(SHOWN, file="broker-expired", days=-1),
                             "unknown": self.other_ca.issue(SHOWN, file="broker-unknown")}
        self.client = self.ca.issue(EXTERNAL)


class RabbitMQ:
    """One broker with its data in `folder` over restarts. `admin` may everything, `nobody` nothing. Beside the virtual host
    `/` there is one whose name wants encoding: `vhost`. With `shows_metrics` Prometheus can read it at `metrics`."""

    vhost = "other/place"

    def __init__(self, folder, tls=False, certificate="valid", settings=None, shows_metrics=False):
        self.folder, self.settings, self.certificate = pathlib.Path(folder), settings or {}, certificate
        self.folder.mkdir(parents=True, exist_ok=True)
        self.security = Security(self.folder / "tls") if tls else None
        self.users = {name: secrets.token_hex(12) for name in (ADMIN, GUEST)}
        self.port, self.tls_port, self._epmd_port, self._peer_port = free_ports(4)
        self.metrics = f"127.0.0.1:{free_ports(1)[0]}" if shows_metrics else None
        self._epmd = self._server = None
        self.paused = False

    # Its life

    def start(self):
        """Starts the broker with its users and virtual hosts, and waits until it is usable."""
        self._epmd = subprocess.Popen(self._tied("epmd", "-address", "127.0.0.1", "-port", str(self._epmd_port)),
                                      stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.begin()
        self.wait_until_usable()
        self.ctl("add_vhost", self.vhost)
        for name, password in self.users.items():
            self.ctl("add_user", name, password)
        if self.security:
            self.ctl("add_user", EXTERNAL, secrets.token_hex(12))
            self.ctl("set_permissions", EXTERNAL, ".*", ".*", ".*")
        for vhost in ("/", self.vhost):
            self.ctl("set_permissions", "-p", vhost, ADMIN, ".*", ".*", ".*")
        return self

    def begin(self):
        """Starts the broker and does not wait."""
        self._write_settings()
        with self.log.open("ab") as log:
            self._server = subprocess.Popen(self._tied(SCRIPTS / "rabbitmq-server"), stdin=subprocess.PIPE, stdout=log,
                                            stderr=log, env=self._environment(), cwd=self.folder, start_new_session=True)

    def restart(self, certificate=None):
        """Starts the broker again with its data, stopping it first when it runs, and waits until it is usable."""
        self.certificate = certificate or self.certificate
        self.stop()
        self.begin()
        self.wait_until_usable()

    def stop(self):
        """Asks the broker to end."""
        self._end(signal.SIGTERM)

    def kill(self):
        self._end(signal.SIGKILL)

    def pause(self):
        self.paused = True
        os.killpg(self._server.pid, signal.SIGSTOP)

    def resume(self):
        self.paused = False
        os.killpg(self._server.pid, signal.SIGCONT)

    def close(self):
        """Ends everything at once."""
        self.kill()
        if self._epmd:
            self._epmd.kill()
            self._epmd.wait(30)
            self._epmd = None

    def _end(self, how):
        process, self._server = self._server, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
            os.killpg(process.pid, signal.SIGCONT)
        self.paused = False
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(30)
        process.stdin.close()

    # How it is found

    def url(self, user=ADMIN, password=None, vhost="/", port=None, tls=False):
        who = f"{user}:{urllib.parse.quote(password or self.users[user], safe='')}"
        where = f"127.0.0.1:{port or (self.tls_port if tls else self.port)}"
        return f"{'amqps' if tls else 'amqp'}://{who}@{where}/{urllib.parse.quote(vhost, safe='')}"

    def environment(self):
        """The variables for the tests of a bridge."""
        entries = {"TROUPE_TEST_AMQP": self.url(), "TROUPE_TEST_AMQP_GUEST": self.url(GUEST),
                "TROUPE_TEST_AMQP_VHOST": self.url(vhost=self.vhost),
                "TROUPE_TEST_AMQP_CTL": str(self._write_control())}
        if self.security:
            entries |= {"TROUPE_TEST_AMQP_TLS": self.url(tls=True), "TROUPE_TEST_AMQP_CA": str(self.security.ca.certificate),
                     "TROUPE_TEST_AMQP_OTHER_CA": str(self.security.other_ca.certificate),
                     "TROUPE_TEST_AMQP_CERTIFICATE": str(self.security.client)}
        return entries

    @property
    def log(self):
        return self.folder / "broker.log"

    def wait_until_usable(self, within=60):
        def usable():
            assert self._server.poll() is None, f"the broker ended: {self.log.read_text()[-2000:]}"
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1) as one:
                one.settimeout(5)
                one.sendall(b"AMQP\0\0\x09\x01")
                return one.recv(1) == b"\x01"  # the method by which it begins
            return False
        eventually(usable, within, "a usable broker")

    # What is in it

    def ctl(self, *arguments):
        """Runs a command of rabbitmqctl and returns what it prints."""
        done = subprocess.run([SCRIPTS / "rabbitmqctl", "--quiet", *arguments], capture_output=True, text=True, check=False,
                              timeout=COMMAND_WITHIN, env=self._environment(), stdin=subprocess.DEVNULL)
        assert done.returncode == 0, f"rabbitmqctl {arguments[0]}: {done.stdout}{done.stderr}"
        return done.stdout

    def messages(self, queue, vhost="/"):
        """How many messages a queue holds, those included that somebody has in hand."""
        for line in self.ctl("list_queues", "-p", vhost, "name", "messages").splitlines():
            name, _, count = line.rpartition("\t")
            if name == queue:
                return int(count)
        return 0

    def connections(self):
        """The ids of the connections that clients have."""
        return [line.strip() for line in self.ctl("list_connections", "pid").splitlines() if line.startswith("<")]

    def alarm(self):
        """Makes the broker block its publishers, as when memory runs out."""
        self.ctl("set_vm_memory_high_watermark", "absolute", "1")

    def calm(self):
        self.ctl("set_vm_memory_high_watermark", "0.4")

    # Its commands

    def _tied(self, *command):
        # It ends with a test that is killed. The system ties it to the thread that starts it, not to its process.
        tied = ["setpriv", "--pdeathsig", "KILL"] if threading.current_thread() is threading.main_thread() else []
        return [*tied, *map(str, command)]

    def _environment(self):
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8",
                "RABBITMQ_NODENAME": f"troupe-{self.port}@localhost", "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
                "RABBITMQ_LOG_BASE": str(self.folder / "logs"), "RABBITMQ_CONFIG_FILE": str(self.folder / "broker.conf"),
                "RABBITMQ_CONF_ENV_FILE": str(self.folder / "no-environment"),
                "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
                "RABBITMQ_PID_FILE": str(self.folder / "broker.pid"), "RABBITMQ_DIST_PORT": str(self._peer_port),
                "RABBITMQ_ALLOW_INPUT": "1",  # so that the broker takes the place of the script
                "RABBITMQ_SERVER_START_ARGS": "-noshell",  # so that it does not read what it allows
                "RABBITMQ_SERVER_ERL_ARGS": "+P 1048576 +S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none",
                "ERL_EPMD_ADDRESS": "127.0.0.1", "ERL_EPMD_PORT": str(self._epmd_port)}

    def _write_settings(self):
        entries = {"listeners.tcp.1": f"127.0.0.1:{self.port}", "log.console": "true", "log.console.level": "info",
                "log.file": "false", "disk_free_limit.absolute": "1MB", "vm_memory_high_watermark.relative": "0.4",
                "loopback_users": "none"}
        if self.security:
            entries |= {"listeners.ssl.1": f"127.0.0.1:{self.tls_port}",
                     "listeners.ssl.2": f"127.0.0.2:{self.tls_port}",  # which no certificate names
                     "ssl_options.cacertfile": self.security.ca.certificate,
                     "ssl_options.certfile": self.security.certificates[self.certificate],
                     "ssl_options.keyfile": self.security.certificates[self.certificate],
                     "ssl_options.verify": "verify_peer", "ssl_options.fail_if_no_peer_cert": "false",
                     "ssl_cert_login_from": "common_name",
                     "auth_mechanisms.1": "PLAIN", "auth_mechanisms.2": "EXTERNAL"}
        if self.metrics:
            entries |= dict(zip(("prometheus.tcp.ip", "prometheus.tcp.port"), self.metrics.split(":")))
        entries |= self.settings
        (self.folder / "broker.conf").write_text("".join(f"{name} = {value}\n" for name, value in entries.items()))
        plugins = ["rabbitmq_auth_mechanism_ssl"] * bool(self.security) + ["rabbitmq_prometheus"] * bool(self.metrics)
        (self.folder / "plugins").write_text(f"[{','.join(plugins)}].\n")

    def _write_control(self):
        """A script that stands for rabbitmqctl, for tests that are not written in Python."""
        script = self.folder / "ctl"
        entries = "".join(f"export {name}='{value}'\n" for name, value in self._environment().items())
        script.write_text(f"#!/bin/sh\n{entries}exec {SCRIPTS}/rabbitmqctl --quiet \"$@\"\n")
        script.chmod(0o755)
        return script


@contextlib.contextmanager
def rabbitmq(folder, **options):
    """A broker that is usable, and that is gone afterwards."""
    made = RabbitMQ(folder, **options)
    try:
        yield made.start()
    finally:
        made.close()
