"""The manuals of deploy/eks and deploy/gke: each command that they show, with programs that stand in for those of the clouds; and
what is left of deploy/eks beside its module."""

import pathlib
import re
import shlex
import subprocess

import pytest
import yaml
from driver.stand_ins import StandIns

ROOT = pathlib.Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SETTINGS = {"MONGO_CONN": "mongodb://mongodb.example", "RABBITMQ_CONN": "amqps://rabbitmq.example"}


@pytest.fixture
def stand_ins(tmp_path):
    return StandIns(tmp_path, DEPLOY / "eks", SETTINGS)


def commands_of(manual):
    """The lines after a prompt, in the order of the page."""
    blocks = re.findall(r"```console\n(.*?)```", (DEPLOY / manual).read_text(), re.S)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


@pytest.mark.parametrize(("manual", "least"), [("eks/README.md", 20), ("gke/README.md", 8)])
def test_each_command_of_a_manual_is_one_that_the_programs_have(stand_ins, tmp_path, manual, least):
    commands = commands_of(manual)
    assert len(commands) >= least
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "deploy").symlink_to(DEPLOY)
    stand_ins.shell(["bash", "-euo", "pipefail", "-c", "\n".join(commands)], cwd=tmp_path / "here")
    calls = stand_ins.calls()
    assert {"helm", "kubectl"} <= {call["program"] for call in calls}
    assert not [key for key in stand_ins.state() if not key.startswith("helm/")], "what the manual makes it takes down"
    for call in calls:
        if call["command"] == "upgrade" and call["words"][1].startswith("deploy/"):
            rendered(call)


def rendered(call):
    """The chart takes the values that the manual gives."""
    chart = ROOT / call["words"][1]
    values = [word for name in ("--values", "--set", "--set-string") for value in call["flags"].get(name, []) for word in (name, value)]
    done = subprocess.run(["helm", "template", call["words"][0], str(chart), "--kube-version", "1.35.0", *values], cwd=ROOT,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("manual", ["eks/README.md", "gke/README.md", "istio/README.md"])
def test_each_link_of_a_manual_leads_somewhere(manual):
    page = DEPLOY / manual
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text())
    assert links and not [link for link in links if not link.startswith("http") and not (page.parent / link).exists()]


def test_the_settings_of_the_manual_are_those_of_the_scripts():
    scripts = dict(re.findall(r'^: "\$\{(\w+):=(.*?)\}"', (DEPLOY / "gke/settings.sh").read_text(), re.M))
    manual = {}
    for names, default in re.findall(r"^\| (`[A-Z_`, ]+`) \|.*\| ([^|]+) \|$", (DEPLOY / "gke/README.md").read_text(), re.M):
        names, defaults = re.findall(r"`(\w+)`", names), default.split(", ")
        manual |= dict(zip(names, defaults if len(defaults) == len(names) else defaults * len(names), strict=True))
    assert manual.keys() == scripts.keys()
    for name, default in scripts.items():
        assert manual[name].strip("`") == default or not default, name


def test_the_cluster_and_the_accounts_are_valid_by_eksctls_own_types(tmp_path):
    template = (DEPLOY / "eks/terraform/accounts.yaml.tftpl").read_text()
    accounts = tmp_path / "accounts.yaml"
    body = re.sub(r"%\{ for .*?~\}\n(.*?)%\{ endfor ~\}\n", lambda found: found[1], template, flags=re.S)
    accounts.write_text(re.sub(r"\$\{(credentials|client)\}", r"arn:aws:iam::123456789012:policy/\1", body).replace(
        "${region}", "us-east-1").replace("${", "").replace("}", ""))
    done = subprocess.run(["mesh", "check", str(DEPLOY / "eks/cluster.yaml"), str(accounts)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "2 resources\n"), done.stderr


@pytest.mark.parametrize(("right", "wrong"), [("version:", "vesrion:"), ("desiredCapacity: 3", "desiredCapacity: 9"),
                                              ("awsLoadBalancerController: true", "awsLoadBalancer: true")])
def test_a_mistake_in_the_cluster_is_found(tmp_path, right, wrong):
    file = tmp_path / "cluster.yaml"
    file.write_text((DEPLOY / "eks/cluster.yaml").read_text().replace(right, wrong))
    done = subprocess.run(["mesh", "check", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "ClusterConfig" in done.stderr


def test_the_networks_of_the_cluster_and_of_the_brokers_differ():
    cluster = yaml.safe_load((DEPLOY / "eks/cluster.yaml").read_text())
    module = (DEPLOY / "eks/terraform/variables.tf").read_text()
    assert cluster["vpc"]["cidr"] == "192.168.0.0/16" and 'default     = "10.0.0.0/22"' in module
    assert re.search(r'variable "eks_cluster" \{[^}]*default     = "(.*)"', module)[1] == cluster["metadata"]["name"]
    assert re.search(r'variable "region" \{[^}]*default     = "(.*)"', module)[1] == cluster["metadata"]["region"]


@pytest.mark.parametrize(("options", "arguments"), [
    ([], ["topics", "apply", "/topologies/kafka-demo.yaml", "/topologies/msk.yaml"]),
    (["--dry-run"], ["topics", "apply", "/topologies/kafka-demo.yaml", "/topologies/msk.yaml", "--dry-run"])])
def test_topics_are_applied_by_a_job_without_privileges(stand_ins, tmp_path, options, arguments):
    stand_ins.run("apply-topics", *options, IMAGE="registry.example/troupe:1")
    calls = stand_ins.calls()
    assert [call["command"] for call in calls] == ["delete", "apply", "wait", "logs"]
    assert all(call["flags"]["--namespace"] == ["kafka"] for call in calls)
    manifest = next(call["input"] for call in calls if call["command"] == "apply")
    files, job = yaml.safe_load_all(manifest)
    assert files["data"] == {name: (DEPLOY / "topologies" / name).read_text() for name in ("kafka-demo.yaml", "msk.yaml")}
    pod = job["spec"]["template"]["spec"]
    assert pod["containers"][0]["args"] == arguments and pod["containers"][0]["image"] == "registry.example/troupe:1"
    assert pod["serviceAccountName"] == "kafka-demo-a" and pod["securityContext"]["runAsNonRoot"]
    (tmp_path / "job.yaml").write_text(manifest)
    done = subprocess.run(["mesh", "check", str(tmp_path / "job.yaml")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "2 resources\n"), done.stderr


def test_topics_that_are_not_applied_are_a_failure(stand_ins):
    (stand_ins.folder / "failing").write_text("kubectl wait")
    stand_ins.run("apply-topics", code=1, IMAGE="registry.example/troupe:1")
    assert "logs" in [call["command"] for call in stand_ins.calls()]
    assert "IMAGE" in stand_ins.run("apply-topics", code=2).stderr


def test_the_topologies_of_the_job_are_what_the_program_takes():
    """The files beside one another, as the Job gives them."""
    program = subprocess.run(shlex.split(f"bash -c 'exec \"$TROUPE_PROGRAM\" check {DEPLOY}/topologies/kafka-demo.yaml "
                                         f"{DEPLOY}/topologies/msk.yaml'"), capture_output=True, text=True, check=False)
    assert program.returncode == 0 and "aws-ssm:/msk/scram/brokers" in program.stdout, program.stdout + program.stderr


def test_the_rules_of_the_mesh_fit_the_platforms_pods():
    """Names, labels, accounts and ports, which the mesh's chart takes for granted."""
    made = subprocess.run(["helm", "template", "reference-platform", str(DEPLOY / "helm/reference-platform"), "--namespace", "dev",
                           "--kube-version", "1.35.0", "--set", "image.repository=registry.example/troupe", "--set", "podLabels.version=v1"],
                          capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    objects = [one for one in yaml.safe_load_all(made.stdout) if one]
    pods = {one["metadata"]["name"]: one["spec"]["template"] for one in objects if one["kind"] in ("Deployment", "StatefulSet")}
    services = {one["metadata"]["name"]: one["spec"] for one in objects if one["kind"] == "Service"}
    topology = yaml.safe_load((DEPLOY / "topologies/reference-2021.yaml").read_text())["services"]
    assert pods.keys() == topology.keys()
    for name, pod in pods.items():
        assert pod["metadata"]["labels"]["app.kubernetes.io/name"] == name and pod["metadata"]["labels"]["version"] == "v1"
        assert pod["spec"]["serviceAccountName"] == name
    for name in topology:
        ports = {port["name"]: port["port"] for port in services[name]["ports"]}
        assert ports["http"] == 8080 and ports.get("grpc", 50051) == 50051
        assert "grpc" in ports or name == "service-rev-proxy"
