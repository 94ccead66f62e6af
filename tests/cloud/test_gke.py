"""deploy/gke and deploy/istio/install, against programs that stand in for gcloud, helm and kubectl."""

import base64
import importlib.util
import json
import os
import pathlib
import shlex
import shutil
import subprocess

import pytest
import yaml
from driver.missing import not_run
from driver.stand_ins import StandIns

ROOT = pathlib.Path(__file__).parents[2]
GKE = ROOT / "deploy" / "gke"
HERE = pathlib.Path(__file__).parent
MONGO, RABBIT = "mongodb+srv://platform:pa55word@demo.abcde.mongodb.net/", "amqps://platform:pa55word@rabbitmq.example-api.com"
SETTINGS = {"PROJECT": "demo-project", "OPERATORS": "198.51.100.0/24", "DNS_ZONE": "example-api", "IMAGE": "registry.example/troupe",
            "MONGO_CONN": MONGO, "RABBITMQ_CONN": RABBIT}
LIFE = ("create-cluster", "install-istio", "set-dns", "deploy", "delete", "tear-down")


@pytest.fixture
def scripts(tmp_path):
    return StandIns(tmp_path, GKE, SETTINGS)


def commands(calls):
    return [f"{call['program']} {call['command']}" for call in calls]


def test_the_cluster_is_regional_and_its_pods_have_identities(scripts):
    scripts.run("create-cluster")
    created = next(call for call in scripts.changes() if call["command"] == "container clusters create")
    flags = {name: values[-1] for name, values in created["flags"].items()}
    assert created["words"] == ["troupe"] and flags["--project"] == "demo-project"
    assert flags["--region"] == "us-central1" and "--zone" not in flags
    assert flags["--workload-pool"] == "demo-project.svc.id.goog" and flags["--workload-metadata"] == "GKE_METADATA"
    assert flags["--release-channel"] == "regular" and "--cluster-version" not in flags
    assert flags["--service-account"] == "troupe-nodes@demo-project.iam.gserviceaccount.com"
    assert flags["--master-authorized-networks"] == "198.51.100.0/24"
    assert {"--enable-master-authorized-networks", "--enable-dataplane-v2", "--enable-shielded-nodes"} <= set(flags)


def test_a_second_run_creates_nothing(scripts):
    for script in LIFE[:4]:
        scripts.run(script)
    scripts.calls()
    before = scripts.state()
    for script in LIFE[:4]:
        scripts.run(script)
    again = commands(scripts.changes())
    assert not [name for name in again if name.split()[-1] in ("create", "update")], again
    assert scripts.state() == before


def test_a_dry_run_prints_what_a_run_does_and_does_nothing(scripts):
    for script in LIFE:
        said = scripts.run(script, "--dry-run").stdout
        assert scripts.changes() == [], script
        scripts.run(script)
        done = [[call["program"], *call["arguments"]] for call in scripts.changes()]
        assert nameless(map(shlex.split, said.splitlines())) == nameless(done) != [], script


def nameless(calls):
    """Without the names of temporary files."""
    return [["FILE" if word.startswith(os.environ.get("TMPDIR", "/tmp") + "/") else word for word in call] for call in calls]


def test_istio_is_its_control_plane_and_a_gateway_of_its_own(scripts):
    scripts.run("create-cluster")
    scripts.calls()
    scripts.run("install-istio")
    releases = [(call["words"], call["flags"]["--namespace"]) for call in scripts.changes() if call["program"] == "helm"]
    assert releases == [(["istio-base", "base"], ["istio-system"]), (["istiod", "istiod"], ["istio-system"]),
                        (["istio-ingress", "gateway"], ["istio-ingress"])]


def test_after_its_life_nothing_is_left(scripts):
    for script in LIFE:
        scripts.run(script)
    assert {key for key in scripts.state() if not key.startswith("helm/istio-system/")} == set()


def test_what_a_load_balancer_left_is_deleted_and_what_others_have_is_not(scripts):
    for script in LIFE[:2]:
        scripts.run(script)
    scripts.put("compute forwarding-rules/left-a", "backend-a")
    scripts.put("compute backend-services/backend-a", "x")
    scripts.put("compute forwarding-rules/of-somebody-else", "backend-b")
    scripts.run("tear-down")
    assert {key for key in scripts.state() if key.startswith("compute")} == {"compute forwarding-rules/of-somebody-else"}


def test_a_tear_down_can_be_repeated(scripts):
    scripts.run("create-cluster")
    scripts.run("tear-down")
    scripts.calls()
    scripts.run("tear-down")
    assert scripts.changes() == []


def test_records_follow_the_address(scripts):
    scripts.run("create-cluster")
    scripts.put("dns record-sets/ui.dev.example-api.com.", "192.0.2.1")
    scripts.calls()
    scripts.run("set-dns")
    done = {(call["command"].split()[-1], call["words"][0]) for call in scripts.changes()}
    assert done == {("update", "ui.dev.example-api.com."), ("create", "api.dev.example-api.com."),
                    ("create", "ui.test.example-api.com."), ("create", "api.test.example-api.com.")}
    assert set(scripts.state()[f"dns record-sets/{part}.{of}.example-api.com."] for part in ("ui", "api") for of in ("dev", "test")) == {
        "203.0.113.7"}


def test_each_environment_gets_its_namespace_its_connections_and_its_releases(scripts):
    said = scripts.run("deploy")
    calls = scripts.changes()
    assert "pa55word" not in said.stdout + said.stderr
    assert not [call for call in calls if "pa55word" in " ".join(call["arguments"])]
    for environment in ("dev", "test"):
        inputs = [yaml.safe_load(call["input"]) for call in calls if call["input"]
                  and (call["flags"].get("--namespace") or [yaml.safe_load(call["input"])["metadata"]["name"]]) == [environment]]
        namespace, secret = inputs
        assert namespace["metadata"] == {"name": environment, "labels": {"istio-injection": "enabled"}}
        assert secret["metadata"]["name"] == "reference-platform-connections"
        assert {key: base64.b64decode(value).decode() for key, value in secret["data"].items()} == {
            "mongodb.conn": MONGO, "rabbitmq.conn": RABBIT}
        releases = {call["words"][0]: call for call in calls
                    if call["program"] == "helm" and call["flags"]["--namespace"] == [environment]}
        assert set(releases) == {"mesh", "reference-platform"}
        assert f"environment={environment}" in releases["mesh"]["flags"]["--set"]
        assert "image.repository=registry.example/troupe" in releases["reference-platform"]["flags"]["--set"]


def test_nothing_touches_another_cluster_than_the_named_one(scripts):
    for script in LIFE:
        scripts.run(script)
    for call in scripts.calls():
        if call["program"] == "gcloud":
            assert call["flags"]["--project"] == ["demo-project"], call
        else:
            context = call["flags"].get("--kube-context") or call["flags"].get("--context")
            assert context == ["gke_demo-project_us-central1_troupe"], call


@pytest.mark.parametrize("script", LIFE)
def test_what_is_not_set_is_named(scripts, script):
    said = scripts.run(script, code=2, PROJECT=None, OPERATORS=None)
    assert "PROJECT" in said.stderr and scripts.calls() == []


@pytest.mark.parametrize("script", LIFE)
def test_an_unknown_option_is_refused(scripts, script):
    assert "'--dryrun'" in scripts.run(script, "--dryrun", code=2).stderr
    assert scripts.calls() == []


def test_an_error_is_not_taken_for_absence(scripts):
    (scripts.folder / "forbidden").touch()
    said = scripts.run("create-cluster", code=2)
    assert "PERMISSION_DENIED" in said.stderr
    assert not [call for call in scripts.changes() if call["command"].endswith("create")]


def test_a_failure_ends_a_script(scripts):
    (scripts.folder / "failing").write_text("helm upgrade")
    scripts.run("deploy", code=1)
    assert commands(scripts.changes())[-1] == "helm upgrade"
    assert commands(scripts.changes()) == []


def test_the_stand_ins_refuse_what_the_programs_do_not_have(scripts):
    for words in (["gcloud", "container", "clusters", "create", "x", "--regoin", "y"], ["helm", "upgrade", "x", "y", "--instal"],
                  ["kubectl", "delete", "namespace", "x", "--ignore-notfound"], ["gcloud", "container", "clusters", "destroy", "x"]):
        done = subprocess.run(words, env=scripts.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 2 and "unknown" in done.stderr, words


@pytest.mark.parametrize("program", ["gcloud", "helm", "kubectl"])
def test_the_flags_of_the_stand_ins_are_the_programs_own(program):
    if not shutil.which(program):
        not_run(f"{program} is not installed: the flags of its stand-in (tests/cloud/flags.json) were not compared with it")
    named = importlib.util.spec_from_file_location("flags", HERE / "flags.py")
    loaded = importlib.util.module_from_spec(named)
    named.loader.exec_module(loaded)
    recorded, has = json.loads((HERE / "flags.json").read_text())[program], getattr(loaded, program)()
    used = used_flags()
    for command, flags in has.items():
        assert flags.keys() >= used.get(program, set()) & recorded[command].keys(), command


def used_flags():
    """The flags that the scripts and manuals use, by program: roughly, every word that begins with --."""
    words = " ".join(file.read_text() for file in (*GKE.iterdir(), ROOT / "deploy/istio/install") if file.is_file()).split()
    flags = {word.split("=")[0].strip("'\"`") for word in words if word.startswith("--")}
    return {program: flags for program in ("gcloud", "helm", "kubectl")}


def test_shellcheck_has_nothing_to_say():
    scripts = [str(GKE / script) for script in LIFE] + [str(ROOT / "deploy/istio/install")]
    done = subprocess.run(["shellcheck", *scripts], capture_output=True, text=True, check=False, env=dict(os.environ))
    assert done.returncode == 0, done.stdout
