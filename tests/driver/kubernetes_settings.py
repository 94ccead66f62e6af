"""What the programs of a cluster for tests are configured with."""

import json
import secrets

OUTSIDE = "10.250.0.1"
NETWORKS, SERVICES = "10.244.0.0/16", "10.96.0.0/16"
PAUSE = "pause:1"
USERS = {"operator": "system:masters", "kube-controller-manager": "", "kube-scheduler": "", "kube-proxy": "", "coredns": "",
         "metrics-server": "", "kube-network-policies": ""}


def tokens():
    return {name: secrets.token_hex(16) for name in (*USERS, "node-1", "node-2")}


def users(known, nodes):
    """The API server's file of tokens: token, name, uid, groups."""
    lines = [f"{known[name]},{'' if name == 'operator' else 'system:'}{name},{name},\"{group}\"" for name, group in USERS.items()]
    lines += [f"{known[name]},system:node:{name},{name},\"system:nodes\"" for name in nodes]
    return "".join(f"{line}\n" for line in lines)


def kubeconfig(server, authority, token):
    import base64
    cluster = {"server": server, "certificate-authority-data": base64.b64encode(authority.encode()).decode()}
    return {"apiVersion": "v1", "kind": "Config", "current-context": "own", "clusters": [{"name": "own", "cluster": cluster}],
            "users": [{"name": "own", "user": {"token": token}}], "contexts": [{"name": "own", "context": {"cluster": "own", "user": "own"}}]}


def api(address):
    return ("--etcd-servers=http://127.0.0.1:2379", f"--advertise-address={address}", "--tls-cert-file=/mnt/api.pem",
            "--tls-private-key-file=/mnt/api.pem", "--client-ca-file=/mnt/authority.pem", "--token-auth-file=/mnt/tokens.csv",
            "--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction", f"--service-cluster-ip-range={SERVICES}",
            "--service-account-issuer=https://kubernetes.default.svc", "--service-account-key-file=/mnt/accounts.key",
            "--service-account-signing-key-file=/mnt/accounts.key", "--kubelet-preferred-address-types=InternalIP",
            "--requestheader-client-ca-file=/mnt/authority.pem", "--requestheader-allowed-names=front-proxy",
            "--requestheader-username-headers=X-Remote-User", "--requestheader-group-headers=X-Remote-Group",
            "--requestheader-extra-headers-prefix=X-Remote-Extra-", "--proxy-client-cert-file=/mnt/front.pem",
            "--proxy-client-key-file=/mnt/front.pem", "--enable-aggregator-routing=true")


CONTROLLERS = ("--service-account-private-key-file=/mnt/accounts.key", "--root-ca-file=/mnt/authority.pem", "--use-service-account-credentials=true",
               "--allocate-node-cidrs=false", "--horizontal-pod-autoscaler-sync-period=5s",
               "--horizontal-pod-autoscaler-initial-readiness-delay=5s", "--horizontal-pod-autoscaler-cpu-initialization-period=15s")


def containerd(registry):
    return f"""
version = 2
root = "/mnt/containerd"
state = "/run/containerd"
[grpc]
address = "/mnt/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{registry}/{PAUSE}"
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "/mnt/networks"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".registry]
config_path = "/mnt/registries"
"""


def hosts(registry):
    return f'server = "http://{registry}"\n[host."http://{registry}"]\ncapabilities = ["pull", "resolve"]\n'


def pod_network(pods):
    """A link of its own for each pod, so that all that pods send passes the node's packet filter."""
    addresses = {"type": "host-local", "ranges": [[{"subnet": pods}]], "routes": [{"dst": "0.0.0.0/0"}]}
    return json.dumps({"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "ptp", "ipMasq": False, "ipam": addresses}]})


def kubelet(group):
    return {"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
            "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}}, "authorization": {"mode": "AlwaysAllow"},
            "containerRuntimeEndpoint": "unix:///mnt/containerd.sock", "cgroupDriver": "cgroupfs", "cgroupRoot": group, "failCgroupV1": False,
            "failSwapOn": False, "enforceNodeAllocatable": [], "clusterDNS": ["10.250.1.2"], "clusterDomain": "cluster.local",
            "resolvConf": "", "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
            "imageGCHighThresholdPercent": 100, "imageGCLowThresholdPercent": 99, "podLogsDir": "/var/log/pods", "volumePluginDir": "/mnt/plugins",
            "syncFrequency": "5s"}  # how long a changed Secret takes; a minute by default


def dns(address):
    return (f".:53 {{\n errors\n ready {address}:8181\n cache 2\n"
            " kubernetes cluster.local {\n  kubeconfig /mnt/dns.kubeconfig\n  ttl 2\n }\n}\n")


def registry(port, folder):
    return {"version": "0.1", "log": {"level": "warn"}, "storage": {"filesystem": {"rootdirectory": str(folder)}},
            "http": {"addr": f"127.0.0.1:{port}"}}


def _allow(user, *rules):
    name = f"test-{user}"
    group = "rbac.authorization.k8s.io"
    return [{"apiVersion": f"{group}/v1", "kind": "ClusterRole", "metadata": {"name": name},
             "rules": [{"apiGroups": groups, "resources": resources, "verbs": verbs} for groups, resources, verbs in rules]},
            {"apiVersion": f"{group}/v1", "kind": "ClusterRoleBinding", "metadata": {"name": name},
             "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": name},
             "subjects": [{"apiGroup": group, "kind": "User", "name": f"system:{user}"}]}]


_READ = ["get", "list", "watch"]
PERMISSIONS = [
    *_allow("coredns", ([""], ["endpoints", "services", "pods", "namespaces"], _READ), (["discovery.k8s.io"], ["endpointslices"], _READ)),
    *_allow("kube-network-policies", ([""], ["pods", "namespaces", "nodes"], _READ), (["networking.k8s.io"], ["networkpolicies"], _READ)),
    *_allow("metrics-server", ([""], ["pods", "nodes", "nodes/metrics", "configmaps"], _READ),
            (["authentication.k8s.io"], ["tokenreviews"], ["create"]), (["authorization.k8s.io"], ["subjectaccessreviews"], ["create"])),
]

STORAGE = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "provisioner": "kubernetes.io/no-provisioner",
           "metadata": {"name": "local", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
           "volumeBindingMode": "WaitForFirstConsumer"}


def volume(name, node, path):
    terms = [{"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}]}]
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name},
            "spec": {"capacity": {"storage": "8Gi"}, "accessModes": ["ReadWriteOncePod"], "storageClassName": "local",
                     "persistentVolumeReclaimPolicy": "Retain", "local": {"path": path}, "nodeAffinity": {"required": {"nodeSelectorTerms": terms}}}}


def metrics(address):
    service = {"name": "metrics-server", "namespace": "kube-system"}
    return [{"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": {"name": "v1beta1.metrics.k8s.io"},
             "spec": {"group": "metrics.k8s.io", "version": "v1beta1", "groupPriorityMinimum": 100, "versionPriority": 100,
                      "insecureSkipTLSVerify": True, "service": {**service, "port": 4443}}},
            {"apiVersion": "v1", "kind": "Service", "metadata": service, "spec": {"ports": [{"port": 4443}]}},
            {"apiVersion": "v1", "kind": "Endpoints", "metadata": service,
             "subsets": [{"addresses": [{"ip": address}], "ports": [{"port": 4443, "protocol": "TCP"}]}]}]
