"""A real Kubernetes of two nodes on this machine: etcd, API server, controller manager, scheduler, and on each node containerd,
kubelet, kube-proxy and what enforces network policies; DNS and metrics beside them. The tests stand in the network outside of it,
where Services and pods can be reached, and where pods reach what listens on the tests' loopback by the address OUTSIDE."""

import contextlib
import fcntl
import functools
import json
import os
import pathlib
import shutil
import subprocess

import yaml

from driver import containers, kubernetes_settings as settings
from driver.certificates import Authority
from driver.kubernetes_settings import NETWORKS, OUTSIDE, SERVICES
from driver.missing import not_run
from driver.ports import free_ports
from driver.program import eventually
from driver.sandbox import Sandbox, own_network, run

LOCK = pathlib.Path(f"/tmp/troupe-test-cluster-{os.getuid()}")  # one cluster at a time: its control groups have a name
GROUPS = pathlib.Path("/sys/fs/cgroup")
VOLUMES = 16  # for each node


@functools.lru_cache(maxsize=None)
def _obstacle():
    if os.geteuid() != 0:
        return "not root"
    done = subprocess.run(["unshare", "--net", "--pid", "--mount", "--mount-proc", "--fork", "iptables", "--table=nat", "--list"],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return (done.stderr.strip().splitlines() or ["no namespaces"])[-1]
    groups = {each.split()[0] for each in pathlib.Path("/proc/cgroups").read_text(encoding="utf-8").splitlines()[1:]}
    missing = {"cpu", "cpuset", "memory", "pids"} - groups
    return f"no control groups of {', '.join(sorted(missing))}" if missing else None


def environment():
    """Leaves the test out where this machine cannot be a node."""
    containers.environment()
    if _obstacle():
        not_run(f"no Kubernetes can run here ({_obstacle()}): nothing was tried in pods")
    assert shutil.which("kube-apiserver"), "no Kubernetes on the PATH; run this through tests/run cluster"


class Groups:
    """The control groups of a node's pods, in every hierarchy of this machine."""

    def __init__(self, name):
        self.name = f"/troupe-cluster/{name}"
        one = (GROUPS / "cgroup.controllers").exists()
        self._roots = [GROUPS] if one else [each for each in GROUPS.iterdir() if each.is_dir() and each.name != "unified"]
        self.remove()
        for root in self._roots:
            (root / self.name[1:]).mkdir(parents=True)

    def _memory_file(self, pod):
        one = self._roots == [GROUPS]
        [found] = ((GROUPS if one else GROUPS / "memory") / self.name[1:]).rglob(f"pod{pod}")
        return found / ("memory.max" if one else "memory.limit_in_bytes")

    def memory(self, pod):
        """How many bytes the containers of a pod may have together, by the pod's uid."""
        return int(self._memory_file(pod).read_text(encoding="utf-8"))

    def limit_memory(self, pod, limit):
        self._memory_file(pod).write_text(str(limit), encoding="utf-8")

    def processes(self, pod):
        """The ids of a pod's processes, as this machine has them."""
        root = self._roots[0] if self._roots == [GROUPS] else GROUPS / "pids"
        found = list((root / self.name[1:]).rglob(f"pod{pod}/**/cgroup.procs"))
        return [int(line) for each in found for line in each.read_text(encoding="utf-8").split()]

    def remove(self):
        def gone(root):
            folder = root / self.name[1:]
            for each in sorted(folder.rglob("*/"), key=lambda one: len(one.parts), reverse=True) + [folder]:
                with contextlib.suppress(OSError):
                    each.rmdir()
            return not folder.exists()
        # runc also makes them in the hierarchy of version 2 that stands beside those of version 1.
        for root in {*self._roots, *GROUPS.glob("unified")}:
            eventually(lambda root=root: gone(root), 30, f"the end of {root}{self.name}")
            with contextlib.suppress(OSError):
                (root / self.name[1:]).parent.rmdir()


class Node(Sandbox):
    """A machine of the cluster. `number` says its addresses."""

    def __init__(self, number, folder):
        self.number = number
        folder.mkdir()
        super().__init__(f"node-{number}", folder)
        self.groups = Groups(self.name)
        self.address, outside = f"10.250.{number}.2", f"10.250.{number}.1"
        self.pods = f"10.244.{number}.0/24"
        run("ip", "link", "add", self.name, "type", "veth", "peer", "name", "eth0", "netns", self.pid)
        run("ip", "address", "add", f"{outside}/24", "dev", self.name)
        run("ip", "link", "set", self.name, "up")
        self.run("sh", "-euc", f"ip address add {self.address}/24 dev eth0; ip link set eth0 up; ip route add default via {outside}; "
                               "echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet")
        run("ip", "route", "add", self.pods, "via", self.address)

    def write(self, name, text):
        """Writes a file of the node and returns its path there."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
        return f"/mnt/{name}"

    def join(self, registry, kubeconfigs):
        """Starts what every node runs."""
        self.write("containerd.toml", settings.containerd(registry))
        self.write(f"registries/{registry}/hosts.toml", settings.hosts(registry))
        self.write("networks/10-pods.conflist", settings.pod_network(self.pods))
        self.write("kubelet.json", settings.kubelet(self.groups.name))
        for user, text in kubeconfigs.items():
            self.write(f"{user}.kubeconfig", text)
        self.start("containerd", "containerd", "--config=/mnt/containerd.toml")
        eventually(lambda: (self.check(), (self.folder / "containerd.sock").exists())[1], 60, "containerd")
        self.start("kubelet", "kubelet", "--config=/mnt/kubelet.json", "--kubeconfig=/mnt/kubelet.kubeconfig", f"--hostname-override={self.name}",
                   f"--node-ip={self.address}", "--root-dir=/mnt/kubelet", "--cert-dir=/mnt/kubelet/pki", "--v=1")
        self.start("kube-proxy", "kube-proxy", "--kubeconfig=/mnt/kube-proxy.kubeconfig", f"--hostname-override={self.name}",
                   f"--cluster-cidr={NETWORKS}", "--proxy-mode=iptables", "--conntrack-max-per-core=0", "--conntrack-tcp-timeout-established=0s",
                   "--conntrack-tcp-timeout-close-wait=0s")

    def enforce_policies(self, api, token, authority):
        """Network policies, which the plugin of the pods' network knows nothing of. What begins a connection of a pod waits for the
        verdict of kube-network-policies. It would queue that by nftables, for which not every kernel is configured. The node itself
        is not asked, as its kubelet probes."""
        rule = ("iptables", "--wait", "-t", "mangle", "-A", "POSTROUTING")
        for each in (("-p", "udp", "--dport", "53", "-j", "ACCEPT"), ("-m", "owner", "--uid-owner", "0", "-j", "ACCEPT"),
                     ("-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "ACCEPT"),
                     *((way, self.pods, "-j", "NFQUEUE", "--queue-num", "100") for way in ("-s", "-d"))):
            self.run(*rule, *each)
        self.run("mkdir", "-p", "/run/secrets/kubernetes.io/serviceaccount")
        for name, text in (("token", token), ("ca.crt", authority)):
            self.run("tee", f"/run/secrets/kubernetes.io/serviceaccount/{name}", text=text)
        self.start("kube-network-policies", "kube-network-policies", f"--hostname-override={self.name}", "--disable-nri",
                   "--metrics-bind-address=127.0.0.1:9080", env={"KUBERNETES_SERVICE_HOST": api, "KUBERNETES_SERVICE_PORT": "6443"})

    def close(self):
        super().close()
        self.groups.remove()


class Kubernetes:
    """The cluster, as its operator and as its network's neighbour sees it."""

    def __init__(self, folder):
        self.folder = folder
        self.nodes, self._registry = [], None
        self.port = free_ports(1)[0]
        self.registry = f"{OUTSIDE}:{self.port}"  # as nodes know it; it listens on the tests' loopback

    # Its life

    def start(self):
        self._connect()
        self._start_registry()
        self.nodes = [Node(number, self.folder / f"node-{number}") for number in (1, 2)]
        first = self.nodes[0]
        self._issue(first)
        run("ip", "route", "add", SERVICES, "via", first.address)
        self._push_pause()
        self._start_control(first)
        for node in self.nodes:
            node.join(self.registry, {user: self.kubeconfig(user, node) for user in ("kubelet", "kube-proxy")})
            node.enforce_policies(first.address, self.tokens["kube-network-policies"], self.authority)
        self._start_dns(first)
        eventually(self._all_ready, 120, "ready nodes")
        self._make_volumes()
        return self

    def close(self):
        for node in self.nodes:
            node.close()
        if self._registry:
            self._registry.kill()
            self._registry.wait(30)

    def check(self):
        for node in self.nodes:
            node.check()

    def _connect(self):
        """What pods send to OUTSIDE arrives at the tests' loopback."""
        run("ip", "address", "add", f"{OUTSIDE}/32", "dev", "lo")
        for each in ("ip_forward", "conf/all/route_localnet"):
            pathlib.Path(f"/proc/sys/net/ipv4/{each}").write_text("1", encoding="utf-8")
        for chain in ("PREROUTING", "OUTPUT"):
            run("iptables", "--wait", "-t", "nat", "-A", chain, "-d", OUTSIDE, "-p", "tcp", "-j", "DNAT", "--to-destination", "127.0.0.1")

    def _start_registry(self):
        file = self.folder / "registry.yaml"
        file.write_text(json.dumps(settings.registry(self.port, self.folder / "registry")), encoding="utf-8")
        with (self.folder / "registry.log").open("wb") as log:
            self._registry = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "docker-registry", "serve", file], stdout=log, stderr=log)

    def _issue(self, node):
        authority = Authority(self.folder, "kubernetes")
        self.authority = authority.certificate.read_text(encoding="utf-8")
        names = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"]
        addresses = ["127.0.0.1", node.address, SERVICES.replace("0/16", "1")]
        issued = authority.issue("kube-apiserver", names="subjectAltName=" + ",".join(
            [*(f"DNS:{each}" for each in names), *(f"IP:{each}" for each in addresses)]))
        node.write("api.pem", issued.read_text(encoding="utf-8"))
        node.write("authority.pem", self.authority)
        front = authority.issue("front-proxy")
        node.write("front.pem", front.read_text(encoding="utf-8"))
        run("openssl", "genrsa", "-out", node.folder / "accounts.key", 2048)
        self.tokens = settings.tokens()
        node.write("tokens.csv", settings.users(self.tokens, [each.name for each in self.nodes]))
        self.config = self.folder / "operator.kubeconfig"
        self.config.write_text(self.kubeconfig("operator", node), encoding="utf-8")

    def kubeconfig(self, user, node):
        token = self.tokens[node.name] if user == "kubelet" else self.tokens[user]
        return json.dumps(settings.kubeconfig(f"https://{self.nodes[0].address}:6443", self.authority, token))

    def _start_control(self, node):
        node.start("etcd", "etcd", "--data-dir=/mnt/etcd", "--unsafe-no-fsync", "--logger=zap", "--log-level=warn")
        node.start("kube-apiserver", "kube-apiserver", *settings.api(node.address))
        eventually(lambda: (node.check(), self.kubectl("get", "--raw=/readyz", check=False) == "ok")[1], 180, "a ready API server")
        for program, more in (("kube-controller-manager", settings.CONTROLLERS), ("kube-scheduler", ())):
            node.write(f"{program}.kubeconfig", self.kubeconfig(program, node))
            node.start(program, program, f"--kubeconfig=/mnt/{program}.kubeconfig", "--leader-elect=false", *more)
        self.apply(settings.PERMISSIONS)

    def _start_dns(self, node):
        node.write("dns.kubeconfig", self.kubeconfig("coredns", node))
        node.start("coredns", "coredns", f"-conf={node.write('Corefile', settings.dns(node.address))}")

    def start_metrics(self):
        """What serves metrics.k8s.io, as autoscalers ask it."""
        node = self.nodes[0]
        node.write("metrics-server.kubeconfig", self.kubeconfig("metrics-server", node))
        config = "/mnt/metrics-server.kubeconfig"
        node.start("metrics-server", "metrics-server", f"--kubeconfig={config}", f"--authentication-kubeconfig={config}",
                   f"--authorization-kubeconfig={config}", "--secure-port=4443", "--cert-dir=/mnt/metrics", "--kubelet-insecure-tls",
                   "--kubelet-preferred-address-types=InternalIP", "--metric-resolution=10s",
                   "--kubelet-request-timeout=5s")
        self.apply(settings.metrics(node.address), "kube-system")

    def _all_ready(self):
        self.check()
        found = self.get("nodes")
        return len(found) == len(self.nodes) and all(condition(each, "Ready") for each in found)

    def _make_volumes(self):
        made = [settings.STORAGE]
        for node in self.nodes:
            for number in range(VOLUMES):
                folder = node.folder / f"volumes/{number}"
                folder.mkdir(parents=True)
                made.append(settings.volume(f"{node.name}-{number}", node.name, f"/mnt/volumes/{number}"))
        self.apply(made)

    # Images

    def push(self, image, name):
        """Pushes an image to the registry; what pods call it."""
        containers.run("buildah", "push", "--quiet", "--tls-verify=false", image, f"docker://127.0.0.1:{self.port}/{name}")
        return f"{self.registry}/{name}"

    def _push_pause(self):
        program = shutil.which("pause")
        containers.run("bash", "-euc", f"container=$(buildah from scratch); buildah copy --quiet $container {program} /pause; "
                       "buildah config --entrypoint '[\"/pause\"]' --user 65535 $container; "
                       "buildah commit --quiet --rm $container localhost/pause:tested")
        eventually(lambda: subprocess.run(["curl", "--silent", f"http://127.0.0.1:{self.port}/v2/"], capture_output=True,
                                          check=False).returncode == 0, 30, "a registry")
        self.push("localhost/pause:tested", settings.PAUSE)

    # As its operator

    def environment(self):
        return {**os.environ, "KUBECONFIG": str(self.config)}

    def kubectl(self, *arguments, **options):
        return run("kubectl", *arguments, env=self.environment(), **options)

    def apply(self, manifests, namespace="default"):
        documents = manifests if isinstance(manifests, list) else [manifests]
        return self.kubectl("apply", f"--namespace={namespace}", "--filename=-", text=yaml.safe_dump_all(documents))

    def get(self, kind, namespace="default", selector=""):
        return json.loads(self.kubectl("get", kind, f"--namespace={namespace}", f"--selector={selector}", "--output=json"))["items"]

    def pods(self, namespace, service=None):
        """The pods of a service, or of all, that are not about to end."""
        found = self.get("pods", namespace, f"app.kubernetes.io/name={service}" if service else "")
        return [each for each in found if "deletionTimestamp" not in each["metadata"]]

    def ready(self, namespace, service):
        """The addresses that a Service sends to."""
        slices = self.get("endpointslices", namespace, f"kubernetes.io/service-name={service}")
        return {address for one in slices for each in one["endpoints"] or [] if each["conditions"]["ready"] for address in each["addresses"]}

    def wait_ready(self, namespace, service, count):
        """Until a Service sends to so many pods, and it has no others."""
        def all_ready():
            pods = self.pods(namespace, service)
            return len(pods) == count == len(self.ready(namespace, service)) and all(condition(each, "Ready") for each in pods)
        try:
            eventually(all_ready, 120, f"{count} ready pods of {service}")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.report(namespace)}") from None

    def service_address(self, namespace, service):
        return self.kubectl("get", "service", service, f"--namespace={namespace}", "--output=jsonpath={.spec.clusterIP}")

    def make_namespace(self, name):
        """One that admits only pods that are restricted."""
        labels = {"pod-security.kubernetes.io/enforce": "restricted"}
        self.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})

    def install(self, release, chart, namespace, *values, within=240):
        """Installs a chart of deploy/helm, or upgrades it, and waits until its pods are ready."""
        done = subprocess.run(["helm", "upgrade", "--install", release, chart, f"--namespace={namespace}", "--wait", f"--timeout={within}s", *values],
                              env=self.environment(), capture_output=True, text=True, timeout=within + 60, check=False)
        assert done.returncode == 0, f"{done.stderr}\n{self.report(namespace)}"

    def report(self, namespace):
        """What is there and what has happened, for a failure."""
        lines = [self.kubectl("get", "pods", "--output=wide", f"--namespace={namespace}", check=False),
                self.kubectl("get", "events", "--sort-by=.lastTimestamp", f"--namespace={namespace}", check=False)[-6000:]]
        for each in self.pods(namespace):
            if not condition(each, "Ready"):
                name = each["metadata"]["name"]
                lines.append(f"{name}: " + self.kubectl("logs", "--tail=5", name, f"--namespace={namespace}", check=False))
        return "\n".join(lines)

    def remove(self, namespace):
        """Begins to remove a namespace with all that is in it; its pods end at once."""
        self.kubectl("delete", "namespace", namespace, "--wait=false")
        self.kubectl("delete", "pods", "--all", "--grace-period=0", "--force", f"--namespace={namespace}")

    # On its nodes

    def node(self, name):
        return next(each for each in self.nodes if each.name == name)

    def process(self, pod):
        """The id, as this machine has it, of the process that a pod is for."""
        node = self.node(pod["spec"]["nodeName"])
        found = [each for each in node.groups.processes(pod["metadata"]["uid"]) if _command(each) not in ("/pause", "")]
        assert len(found) == 1, f"{pod['metadata']['name']} has the processes {found}"
        return found[0]

    def from_pod(self, pod, *command, **options):
        """Runs a command of this machine in a pod's network."""
        return run("nsenter", f"--target={self.process(pod)}", "--net", "--", *command, **options)

    def volume(self, namespace, claim):
        """The folder of a volume on this machine."""
        name = self.kubectl("get", "persistentvolumeclaim", claim, f"--namespace={namespace}", "--output=jsonpath={.spec.volumeName}")
        node, _, number = name.rpartition("-")
        return self.node(node).folder / "volumes" / number


def _command(pid):
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode()
    return ""


def condition(manifest, kind):
    """Whether a condition of a node or pod is true."""
    return any(each["type"] == kind and each["status"] == "True" for each in manifest["status"].get("conditions", []))


def restarts(pod):
    return sum(each["restartCount"] for each in pod["status"].get("containerStatuses", []))


@contextlib.contextmanager
def kubernetes(folder):
    """A cluster whose nodes are ready, and that is gone afterwards. The caller is in its network meanwhile."""
    environment()
    with LOCK.open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with own_network():
            made = Kubernetes(folder)
            try:
                yield made.start()
            finally:
                made.close()
