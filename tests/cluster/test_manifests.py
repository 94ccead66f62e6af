"""Every manifest of Kubernetes' own kinds, read by a real API server with its admission: no field is unknown, no pod is refused."""

import re

import pytest
import yaml

from driver.charts import profiles, rendered, workloads, write_topologies
from driver.program import eventually
from driver.sandbox import run

OWN = re.compile(r"^(v1|(apps|policy|autoscaling|networking\.k8s\.io)/v[0-9]+)$")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_topologies(tmp_path_factory.mktemp("topologies"))


def pods(manifests):
    """Those that the workloads would make: the admission refuses a pod, and of a workload it only warns."""
    for each in manifests:
        if template := each.get("spec", {}).get("template"):
            claims = [{"name": claim["metadata"]["name"], "emptyDir": {}} for claim in each["spec"].get("volumeClaimTemplates", [])]
            spec = {**template["spec"], "serviceAccountName": "default", "volumes": template["spec"].get("volumes", []) + claims}
            yield {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"{each['metadata']['name']}-0", "labels": template["metadata"]["labels"]},
                   "spec": spec}


def dry_run(cluster, manifests):
    return run("kubectl", "apply", "--dry-run=server", "--validate=strict", "--namespace=dev", "--filename=-", env=cluster.environment(),
               text=yaml.safe_dump_all([*manifests, *pods(manifests)]))


@pytest.fixture(scope="module")
def dev(cluster):
    cluster.make_namespace("dev")
    eventually(lambda: cluster.get("serviceaccounts", "dev"), 30, "the account of pods that name none")
    yield
    cluster.remove("dev")


@pytest.mark.parametrize("name", sorted(profiles(".")))
def test_the_api_server_takes_every_manifest_of_its_own_kinds(cluster, dev, files, name):
    chart, *arguments = profiles(files)[name]
    own = [each for each in rendered(chart, *arguments).values() if OWN.match(each["apiVersion"])]
    printed = dry_run(cluster, own)
    assert len(re.findall(r" \(server dry run\)$", printed, re.MULTILINE)) == len([*own, *pods(own)]) > 0


def test_the_api_server_refuses_a_field_that_it_does_not_know_and_a_pod_that_is_not_restricted(cluster, dev, files):
    own = list(workloads(rendered(*profiles(files)["Kafka demonstration"])).values())
    own[0]["spec"]["template"]["spec"]["terminationGraceSeconds"] = 1
    with pytest.raises(AssertionError, match='unknown field "spec.template.spec.terminationGraceSeconds"'):
        dry_run(cluster, own)
    del own[0]["spec"]["template"]["spec"]["terminationGraceSeconds"]
    own[0]["spec"]["template"]["spec"]["securityContext"]["runAsNonRoot"] = False
    with pytest.raises(AssertionError, match='violates PodSecurity "restricted:latest"'):
        dry_run(cluster, own)
