"""The properties of a broker for tests: quick where the defaults are made for large clusters."""

import dataclasses

from driver.certificates import Authority

ADMIN, GUEST = "admin", "guest"
BROKER = "broker"  # the name in the certificate that brokers show one another
MECHANISM = "SCRAM-SHA-512"

LOGGING = """\
log4j.rootLogger=INFO, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d{ISO8601} %p %c: %m%n
"""


class Security:
    """Certificates of an authority `ca`; `other_ca` is one that has issued none of them."""

    def __init__(self, folder):
        folder.mkdir(parents=True)
        self.ca = Authority(folder, "ca")
        self.other_ca = Authority(folder, "other-ca")
        self.certificates = {"valid": self.ca.issue(BROKER),
                             "expired": self.ca.issue(BROKER, file="broker-expired", days=-1),
                             "unknown": self.other_ca.issue(BROKER, file="broker-unknown")}


@dataclasses.dataclass
class Node:
    """A broker, which is a controller too. Ports are its own; addresses are where others find it."""
    number: int
    ports: dict
    addresses: dict


def general(nodes, node):
    replicas = min(3, len(nodes))
    # A node finds itself without the network.
    voters = {other.number: other.addresses["CONTROLLER"] for other in nodes}
    voters[node.number] = f"127.0.0.1:{node.ports['CONTROLLER']}"
    return {
        "process.roles": "broker,controller",
        "node.id": node.number,
        "controller.quorum.voters": ",".join(f"{number}@{where}" for number, where in voters.items()),
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "BROKER",
        "listeners": ",".join(f"{name}://127.0.0.1:{port}" for name, port in node.ports.items()),
        "advertised.listeners": ",".join(f"{name}://{node.addresses[name]}" for name in ("CLIENT", "BROKER")),
        "auto.create.topics.enable": "false",
        "default.replication.factor": replicas,
        "min.insync.replicas": max(1, replicas - 1),
        "offsets.topic.replication.factor": replicas,
        "offsets.topic.num.partitions": 8,
        "transaction.state.log.replication.factor": replicas,
        "transaction.state.log.min.isr": max(1, replicas - 1),
        "transaction.state.log.num.partitions": 8,
        "group.initial.rebalance.delay.ms": 0,
        "group.min.session.timeout.ms": 500,
        # A broker that was killed is found out in seconds.
        "broker.heartbeat.interval.ms": 500,
        "broker.session.timeout.ms": 5000,
        "replica.lag.time.max.ms": 5000,
        "controller.quorum.fetch.timeout.ms": 2000,
        "controlled.shutdown.retry.backoff.ms": 500,
        # Small on disk and in memory.
        "log.segment.bytes": 16 << 20,
        "log.index.size.max.bytes": 1 << 20,
        "log.cleaner.dedupe.buffer.size": 4 << 20,
        "num.network.threads": 2,
        "num.io.threads": 4,
        "num.recovery.threads.per.data.dir": 1,
        "background.threads": 2,
    }


def listeners(security, certificate):
    if security is None:
        return {"listener.security.protocol.map": "CLIENT:PLAINTEXT,BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT"}
    return {
        "listener.security.protocol.map": "CLIENT:SASL_SSL,BROKER:SSL,CONTROLLER:SSL",
        "sasl.enabled.mechanisms": MECHANISM,
        f"listener.name.client.{MECHANISM.lower()}.sasl.jaas.config":
            "org.apache.kafka.common.security.scram.ScramLoginModule required;",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": security.certificates["valid"],
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": security.ca.certificate,
        "listener.name.client.ssl.keystore.type": "PEM",
        "listener.name.client.ssl.keystore.location": security.certificates[certificate],
        "listener.name.broker.ssl.client.auth": "required",
        "listener.name.controller.ssl.client.auth": "required",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:{ADMIN};User:CN={BROKER}",
    }


def properties(nodes, node, data, security, certificate, more):
    """The text of a properties file."""
    entries = {**general(nodes, node), **listeners(security, certificate), "log.dirs": data, **more}
    return "".join(f"{name}={value}\n" for name, value in entries.items())
