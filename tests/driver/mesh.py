"""An Envoy with what Istio's own control plane makes of manifests: the gateway, and the sidecar of each workload at an address of
its own in 127.0.0.0/8. Behind all sidecars stands one program."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import socket
import ssl
import subprocess
import urllib.request

from driver.certificates import Authority
from driver.ports import free_ports
from driver.program import eventually

# What only Istio's build of Envoy has: it reports who the peers are, and matters for metrics alone.
ISTIOS_OWN = {"istio.metadata_exchange", "istio.alpn", "istio.stats"}
GATEWAY = {"name": "gateway", "namespace": "istio-ingress", "account": "istio-ingress", "labels": {"istio": "ingressgateway"},
           "ports": {}, "gateway": True}
HTTP, GRPC = 8080, 50051


def workload(name, namespace="dev"):
    return {"name": name, "namespace": namespace, "account": name, "ports": {"http": HTTP, "grpc": GRPC},
            "labels": {"app.kubernetes.io/name": name, "version": "v1"}}


def sent(manifests, workloads, mesh_config=None):
    """What Istio's control plane sends to the proxy of each workload."""
    world = {"manifests": manifests, "mesh": json.dumps(mesh_config or {}), "workloads": workloads}
    made = subprocess.run(["mesh", "envoy"], input=json.dumps(world), capture_output=True, text=True, check=False, timeout=60)
    assert made.returncode == 0, made.stderr[-3000:]
    return json.loads(made.stdout)


class Mesh:
    def __init__(self, folder, manifests, services, program, mesh_config):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.authority = Authority(self.folder, "mesh-ca")
        self.public = Authority(self.folder, "public-ca")
        network = f"127.{100 + os.getpid() % 100}.{1 + os.getpid() // 100 % 250}"
        self.addresses = {name: f"{network}.{number}" for number, name in enumerate(services, 1)}
        self.workloads = [{**workload(name), "address": address} for name, address in self.addresses.items()]
        self.workloads.append({**GATEWAY, "address": f"{network}.254"})
        self.http, self.https, self.admin = free_ports(3)
        self.sent = sent(manifests, self.workloads, mesh_config)
        self.program = program
        self.process = None

    def identity(self, namespace, account):
        """A client's certificate, as the mesh gives it to each account."""
        name = f"{namespace}-{account}"
        file = self.folder / f"{name}.pem"
        if not file.exists():
            self.authority.issue(account, name, names=f"subjectAltName=URI:spiffe://cluster.local/ns/{namespace}/sa/{account}")
        return file

    def secret(self, name, content):
        """A file from which Envoy reads a secret, as it would from Istio's agent."""
        file = self.folder / f"secret-{name}.json"
        kind = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"
        file.write_text(json.dumps({"resources": [{"@type": kind, **content}]}))
        return {"name": content["name"], "sds_config": {"path_config_source": {"path": str(file)}, "resource_api_version": "V3"}}

    def secret_of(self, asked, one):
        if asked == "ROOTCA":
            return self.secret("root", {"name": "ROOTCA", "validation_context": {"trusted_ca": {"filename": str(self.authority.certificate)}}})
        if asked == "default":
            file = self.identity(one["namespace"], one["account"])
        else:
            assert re.fullmatch(r"kubernetes://troupe-tls", asked), asked
            file = self.public.issue("gateway", names="subjectAltName=DNS:ui.dev.example-api.com,DNS:api.dev.example-api.com")
        chain = {"certificate_chain": {"filename": str(file)}, "private_key": {"filename": str(file)}}
        return self.secret(f"{one['name']}-{asked.split('/')[-1]}", {"name": asked, "tls_certificate": chain})

    def standing_alone(self, value, one):
        """A configuration without a control plane: routes and secrets are where they are named."""
        if isinstance(value, list):
            return [self.standing_alone(each, one) for each in value if not own_filter(each)]
        if not isinstance(value, dict):
            return value
        if "sds_config" in value:
            return self.secret_of(value["name"], one)
        value = {key: self.standing_alone(each, one) for key, each in value.items()}
        if "rds" in value:
            routes = self.sent[one["name"]]["routes"]
            wanted = value.pop("rds")["route_config_name"]
            value["route_config"] = self.standing_alone(next(each for each in routes if each["name"] == wanted), one)
        return value

    def listeners(self):
        for one in self.workloads:
            has = {each["name"]: each for each in self.sent[one["name"]]["listeners"]}
            if one.get("gateway"):
                for name, port in (("0.0.0.0_80", self.http), ("0.0.0.0_443", self.https)):
                    yield bound(self.standing_alone(has[name], one), "127.0.0.1", port, name)
                continue
            inbound = self.standing_alone(has["virtualInbound"], one)
            # Packets are not redirected here: the sidecar listens where its workload would.
            inbound["listener_filters"] = [each for each in inbound["listener_filters"]
                                           if each["name"] != "envoy.filters.listener.original_dst"]
            inbound.pop("use_original_dst", None)
            for port in one["ports"].values():
                yield bound(inbound, one["address"], port, f"{one['name']}-{port}")

    def clusters(self):
        behind = {f"inbound|{HTTP}||": self.program.http, f"inbound|{GRPC}||": self.program.grpc}
        names = set()
        for one in self.workloads:
            for cluster in self.sent[one["name"]]["clusters"]:
                outbound = re.fullmatch(r"outbound\|(\d+)\|\|([^.]+)\..*", cluster["name"])
                if cluster["name"] in names or (outbound and (not one.get("gateway") or outbound[2] not in self.addresses)):
                    continue
                if not outbound and not cluster["name"].startswith(("inbound", "BlackHole", "Passthrough", "InboundPassthrough")):
                    continue
                names.add(cluster["name"])
                cluster = self.standing_alone(cluster, one)
                if outbound:
                    yield at(cluster, f"{self.addresses[outbound[2]]}:{outbound[1]}", "istio")
                elif cluster["name"] in behind:
                    yield at(cluster, behind[cluster["name"]], None)
                else:
                    yield cluster

    def start(self):
        bootstrap = {
            "node": {"id": "mesh", "cluster": "mesh"},
            "admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": self.admin}}},
            "static_resources": {"listeners": list(self.listeners()), "clusters": list(self.clusters())},
        }
        file = self.folder / "envoy.json"
        file.write_text(json.dumps(bootstrap, indent=1))
        with (self.folder / "envoy.log").open("ab") as log:
            self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "envoy", "-c", str(file), "--disable-hot-restart",
                                             "--concurrency", "1", "--log-level", "warning"], stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL)
        eventually(self.ready, 40, "a ready Envoy")
        return self

    def ready(self):
        assert self.process.poll() is None, (self.folder / "envoy.log").read_text()[-4000:]
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/ready", timeout=2) as answer:
            return answer.read() == b"LIVE\n"
        return False

    def close(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)

    # What comes from outside.

    def outside(self, method, host, path, headers=None, named=True):
        """A request through the gateway, as a client outside sends it; the certificate must be the host's where it is `named`."""
        how = ssl.create_default_context(cafile=self.public.certificate)
        how.check_hostname = named
        with socket.create_connection(("127.0.0.1", self.https), 10) as plain, how.wrap_socket(plain, server_hostname=host) as made:
            return answer_of(made, host, method, path, headers)

    def plain(self, host, path):
        with socket.create_connection(("127.0.0.1", self.http), 10) as made:
            return answer_of(made, host, "GET", path, None)

    # What comes from inside.

    def inside(self, account, service, port, path, headers=None, method="GET", namespace="dev"):
        """A request to a sidecar by the workload of an account; of nobody, without encryption."""
        with socket.create_connection((self.addresses[service], port), 10) as plain:
            if account is None:
                return answer_of(plain, service, method, path, headers)
            how = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            how.check_hostname = False
            how.load_verify_locations(self.authority.certificate)
            how.load_cert_chain(self.identity(namespace, account))
            with how.wrap_socket(plain, server_hostname=service) as made:
                return answer_of(made, service, method, path, headers)


class Connection(http.client.HTTPConnection):
    def __init__(self, host, made):
        super().__init__(host)
        self.sock = made


def answer_of(made, host, method, path, headers):
    connection = Connection(host, made)
    connection.request(method, path, headers=headers or {})
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read().decode()


def own_filter(value):
    return isinstance(value, dict) and value.get("name") in ISTIOS_OWN and "typed_config" in value


def bound(listener, address, port, name):
    return {**listener, "name": name, "bind_to_port": True,
            "address": {"socket_address": {"address": address, "port_value": port}}}


def at(cluster, where, mode):
    """The cluster with one endpoint, instead of those that the control plane would send."""
    host, port = where.rsplit(":", 1)
    endpoint = {"endpoint": {"address": {"socket_address": {"address": host, "port_value": int(port)}}}}
    if mode:
        endpoint["metadata"] = {"filter_metadata": {"envoy.transport_socket_match": {"tlsMode": mode}}}
    cluster = {key: value for key, value in cluster.items() if key not in ("eds_cluster_config", "upstream_bind_config", "cleanup_interval")}
    if cluster["lb_policy"] == "CLUSTER_PROVIDED":
        cluster["lb_policy"] = "ROUND_ROBIN"
    return {**cluster, "type": "STATIC", "load_assignment": {"cluster_name": cluster["name"],
                                                             "endpoints": [{"lb_endpoints": [endpoint]}]}}


@contextlib.contextmanager
def meshed(folder, manifests, services, program, mesh_config):
    made = Mesh(folder, manifests, services, program, mesh_config)
    try:
        yield made.start()
    finally:
        made.close()
