"""Real Kafka brokers on loopback and free ports: started, waited for, hurt, restored, and ended by their own ids."""

import base64
import contextlib
import pathlib
import secrets
import signal
import socket
import subprocess
import sys
import threading
import uuid

import confluent_kafka
from confluent_kafka import admin as administration

from driver.ports import free_ports
from driver.kafka_rule import Rule  # noqa: F401 (tests name it from here)
from driver.kafka_settings import ADMIN, GUEST, LOGGING, MECHANISM, Node, Security, properties
from driver.network import Network
from driver.program import eventually, pause

LISTENERS = ("CLIENT", "BROKER", "CONTROLLER")
# Quick to start rather than quick for long.
JAVA_OPTIONS = ("-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
                "-Djava.net.preferIPv4Stack=true", "-Djava.awt.headless=true")
OUTCOME_WITHIN = 60  # seconds that a request of administration may take


def artefacts():
    """The folder of Kafka's jars, which tests/prepare makes."""
    folder = pathlib.Path(sys.prefix) / "share/kafka"
    assert folder.is_dir(), f"no Kafka in {folder}; run this with the Python of tests/prepare"
    return folder


def cluster_id():
    while (made := base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()).startswith("-"):
        pass
    return made


def outcome(futures):
    """Waits for what an administration client was asked, and raises the first error."""
    return [future.result(OUTCOME_WITHIN) for future in futures.values()]


class Kafka:
    """Brokers 1 to `brokers`, each with its data in `folder` over restarts.

    `security` is plaintext or sasl_ssl; `users` have passwords, beside the super user `admin` and `guest`, who may nothing.
    `relays` puts a network between the brokers and their clients, which can be cut: `network`. `settings` are
    properties of every broker. `jmx` is a configuration of the JMX exporter, by which each broker shows its metrics to
    Prometheus: `metrics` are the addresses."""

    def __init__(self, folder, brokers=1, security="plaintext", users=None, relays=False, settings=None, certificate="valid",
                 java_options=JAVA_OPTIONS, jmx=None):
        self.folder, self.settings, self.java_options = pathlib.Path(folder), settings or {}, java_options
        self.folder.mkdir(parents=True, exist_ok=True)
        self.security = Security(self.folder / "tls") if security == "sasl_ssl" else None
        self.users = {name: secrets.token_hex(12) for name in (ADMIN, GUEST)} | (users or {}) if self.security else {}
        self.certificate = certificate
        self.jmx, self.metrics = jmx, [f"127.0.0.1:{port}" for port in free_ports(brokers if jmx else 0)]
        self.running, self.paused = {}, set()
        self._admin = None
        self.network = Network(lambda: {number: one.pid for number, one in self.running.items()}) if relays else None
        ports = iter(free_ports(3 * brokers))
        self.nodes = [self._node(number, {name: next(ports) for name in LISTENERS}) for number in range(1, brokers + 1)]
        self._cluster = cluster_id()
        (self.folder / "log4j.properties").write_text(LOGGING)

    def _node(self, number, ports):
        addresses = {name: f"127.0.0.1:{port}" for name, port in ports.items()}
        if self.network:
            addresses = {name: self.network.listen(number, where) for name, where in addresses.items()}
        return Node(number, ports, addresses)

    # Its life

    @property
    def numbers(self):
        return [node.number for node in self.nodes]

    def start(self):
        """Formats what holds no data yet, starts every broker and waits until all are usable."""
        waiting = [self._format(node) for node in self.nodes]
        for format_command in waiting:
            settings, _ = format_command.communicate(timeout=120)
            assert format_command.returncode == 0, f"the storage could not be formatted: {settings}"
        for number in self.numbers:
            self.begin(number)
        self.wait_until_usable()
        return self

    def begin(self, number, certificate=None):
        """Starts a broker and does not wait."""
        self.certificate, self._admin = certificate or self.certificate, None
        self._write(self.nodes[number - 1])
        with self.log(number).open("ab") as log:
            self.running[number] = subprocess.Popen(self._java("kafka.Kafka", self._file(number), agent=self._agent(number)),
                                                    stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)

    def restart(self, number, certificate=None):
        """Starts a broker again with its data, stopping it first when it runs, and waits until it is usable. `certificate`
        is valid, expired or unknown, and what clients are shown."""
        self.stop(number)
        self.begin(number, certificate)
        self.wait_until_usable(number)

    def stop(self, number):
        """Asks a broker to end, which hands its leaderships over first."""
        self._end(number, signal.SIGTERM)

    def kill(self, number):
        self._end(number, signal.SIGKILL)

    def pause(self, number):
        self.paused.add(number)
        pause(self.running[number])

    def resume(self, number):
        self.paused.discard(number)
        self.running[number].send_signal(signal.SIGCONT)

    def close(self):
        """Ends everything at once."""
        for number in list(self.running):
            self.kill(number)
        if self.network:
            self.network.close()

    def _end(self, number, how):
        process = self.running.pop(number, None)
        if process is None:
            return
        self.paused.discard(number)
        process.send_signal(how)
        process.send_signal(signal.SIGCONT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(30)

    # How it is found

    @property
    def bootstrap(self):
        return ",".join(node.addresses["CLIENT"] for node in self.nodes)

    @property
    def ca(self):
        return self.security.ca.certificate if self.security else None

    def client_settings(self, user=ADMIN, **more):
        """Properties of a librdkafka client."""
        settings = {"bootstrap.servers": self.bootstrap, "reconnect.backoff.max.ms": 200, "log_level": 0}
        if self.security:
            settings |= {"security.protocol": "SASL_SSL", "sasl.mechanism": MECHANISM, "ssl.ca.location": str(self.ca),
                     "sasl.username": user, "sasl.password": self.users[user]}
            if self.certificate != "valid":
                settings["enable.ssl.certificate.verification"] = False
        return settings | more

    def environment(self):
        """The variables for the tests of a bridge."""
        settings = {"TROUPE_TEST_KAFKA": self.bootstrap, "TROUPE_TEST_KAFKA_SECURITY": "plaintext"}
        if self.security:
            settings |= {"TROUPE_TEST_KAFKA_SECURITY": "sasl_ssl", "TROUPE_TEST_KAFKA_MECHANISM": MECHANISM,
                     "TROUPE_TEST_KAFKA_CA": str(self.ca),
                     "TROUPE_TEST_KAFKA_OTHER_CA": str(self.security.other_ca.certificate),
                     "TROUPE_TEST_KAFKA_USER": ADMIN, "TROUPE_TEST_KAFKA_PASSWORD": self.users[ADMIN],
                     "TROUPE_TEST_KAFKA_GUEST": GUEST, "TROUPE_TEST_KAFKA_GUEST_PASSWORD": self.users[GUEST]}
        return settings

    def log(self, number):
        return self.folder / f"broker-{number}.log"

    def wait_until_usable(self, *numbers, within=120):
        """Until each of these brokers, or of all, answers and knows that all of them are registered."""
        numbers = set(numbers or self.numbers)
        for number in numbers:
            eventually(lambda number=number: numbers <= self._known_to(number), within, f"a usable broker {number}")

    def _known_to(self, number):
        """The brokers that a broker itself knows. What others say of it may be older than its process."""
        process, where = self.running[number], ("127.0.0.1", self.nodes[number - 1].ports["CLIENT"])
        assert process.poll() is None, f"broker {number} ended: {self.log(number).read_text()[-2000:]}"
        with contextlib.suppress(OSError, confluent_kafka.KafkaException):
            socket.create_connection(where, timeout=1).close()
            found = self._admin_at(number).list_topics(timeout=2)
            return set(found.brokers) if found.controller_id > 0 else set()
        return set()

    # What is in it

    def admin(self):
        """A client of the super user's."""
        if self._admin is None:
            self._admin = administration.AdminClient(self.client_settings())
        return self._admin

    def _admin_at(self, number):
        """A new client, whose first question goes to this broker, whatever the network between."""
        return administration.AdminClient(
            self.client_settings(**{"bootstrap.servers": f"127.0.0.1:{self.nodes[number - 1].ports['CLIENT']}"}))

    def create_topic(self, name, partitions=3, **settings):
        """Creates a topic and waits until each broker that runs knows a leader of every partition."""
        outcome(self.admin().create_topics([administration.NewTopic(name, partitions, config=settings)]))
        for number in set(self.running) - self.paused:
            eventually(lambda number=number: [one.leader > 0 for one in self._partitions(name, number).values()]
                       == [True] * partitions, 60, f"leaders of {name} at broker {number}")

    def delete_topic(self, name):
        outcome(self.admin().delete_topics([name]))

    def leader(self, topic, partition, asked=None):
        """The number of the broker that leads a partition as any broker knows it, or the one that is `asked`: one that is cut
        off knows nothing new. Not positive when there is none."""
        found = self._partitions(topic, asked)
        return found[partition].leader if partition in found else -1

    def in_sync(self, topic, partition, asked=None):
        found = self._partitions(topic, asked)
        return set(found[partition].isrs) if partition in found else set()

    def _partitions(self, topic, asked):
        client = self.admin() if asked is None else self._admin_at(asked)
        return client.list_topics(topic, timeout=10).topics[topic].partitions

    def set_password(self, user, password):
        """Creates a user, or gives it another password."""
        how = administration.ScramCredentialInfo(administration.ScramMechanism.SCRAM_SHA_512, 4096)
        change = administration.UserScramCredentialUpsertion(user, how, password.encode())
        outcome(self.admin().alter_user_scram_credentials([change]))
        self.users[user], self._admin = password, None

    def remove_user(self, user):
        change = administration.UserScramCredentialDeletion(user, administration.ScramMechanism.SCRAM_SHA_512)
        outcome(self.admin().alter_user_scram_credentials([change]))

    def allow(self, user, *rules):
        outcome(self.admin().create_acls([rule.binding(user) for rule in rules]))

    def withdraw(self, user, *rules):
        """Takes back what was allowed."""
        filters = []
        for rule in rules:
            made = rule.binding(user)
            filters.append(administration.AclBindingFilter(made.restype, made.name, made.resource_pattern_type,
                                                           made.principal, made.host, made.operation, made.permission_type))
        outcome(self.admin().delete_acls(filters))

    def transactional_ids(self):
        """The ids of transactions that the brokers know, as they keep them for themselves: an id that they have forgotten has no
        value any more."""
        topic = "__transaction_state"
        partitions = self._partitions(topic, None)
        client = confluent_kafka.Consumer(self.client_settings(**{"group.id": "ids", "enable.partition.eof": True}))
        client.assign([confluent_kafka.TopicPartition(topic, number, 0) for number in partitions])
        known, ended = {}, set()
        try:
            while len(ended) < len(partitions):
                for each in client.consume(1000, 1):
                    if each.error():
                        assert each.error().code() == confluent_kafka.KafkaError._PARTITION_EOF, each.error()
                        ended.add(each.partition())
                    else:
                        known[each.key()[4:]] = each.value() is not None  # behind a version and a length
        finally:
            client.close()
        return {name.decode() for name, kept in known.items() if kept}

    # Its commands

    def _file(self, number):
        return self.folder / f"broker-{number}.properties"

    def _data(self, number):
        return self.folder / f"data-{number}"

    def _write(self, node):
        self._file(node.number).write_text(properties(self.nodes, node, self._data(node.number), self.security,
                                                      self.certificate, self.settings))

    def _agent(self, number):
        if not self.jmx:
            return []
        [jar] = artefacts().glob("jmx_prometheus_javaagent-*.jar")
        return [f"-javaagent:{jar}={self.metrics[number - 1]}:{self.jmx}"]

    def _java(self, main, *arguments, agent=()):
        # Brokers end with a test that is killed. The system ties them to the thread that starts them, not to its process.
        tied = ["setpriv", "--pdeathsig", "KILL"] if threading.current_thread() is threading.main_thread() else []
        return [*tied, "java", *self.java_options, *agent,
                f"-Dlog4j.configuration=file:{self.folder}/log4j.properties", "-cp", f"{artefacts()}/*", main,
                *map(str, arguments)]

    def _format(self, node):
        self._write(node)
        scram = [word for name, password in self.users.items()
                 for word in ("--add-scram", f"{MECHANISM}=[name={name},password={password}]")]
        return subprocess.Popen(self._java("kafka.tools.StorageTool", "format", "--ignore-formatted", "--cluster-id",
                                           self._cluster, "--config", self._file(node.number), *scram),
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@contextlib.contextmanager
def kafka(folder, **options):
    """A cluster that is usable, and that is gone afterwards."""
    made = Kafka(folder, **options)
    try:
        yield made.start()
    finally:
        made.close()
