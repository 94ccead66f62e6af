"""The compose files: read by docker-compose, and accepted by the program that their containers run."""

import os
import pathlib
import shutil
import subprocess

import pytest
import yaml

from driver.charts import REPOSITORY
from driver.program import program_path

FILES = {"compose.yaml": 9, "kafka.yaml": 2}  # and how many of its containers run the program


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A copy beside the topologies, with secrets of its own."""
    deploy = tmp_path_factory.mktemp("deploy")
    shutil.copytree(REPOSITORY / "deploy/topologies", deploy / "topologies")
    shutil.copytree(REPOSITORY / "deploy/compose", deploy / "compose", ignore=shutil.ignore_patterns("secret"))
    subprocess.run([deploy / "compose/secrets"], check=True, timeout=30)
    return deploy / "compose"


def compose(folder, file, *arguments):
    return subprocess.run(["docker-compose", "--file", str(folder / file), *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def services(folder, file):
    done = compose(folder, file, "--profile=observability", "config")
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout)["services"]


def of_troupe(folder, file):
    return {name: each for name, each in services(folder, file).items() if each["image"] == "troupe:0.1.0"}


@pytest.mark.parametrize("file", FILES)
def test_docker_compose_reads_the_file_and_knows_its_containers(folder, file):
    assert len(of_troupe(folder, file)) == FILES[file]


def test_docker_compose_refuses_a_key_that_it_does_not_know(folder):
    wrong = folder / "wrong.yaml"
    wrong.write_text((folder / "kafka.yaml").read_text(encoding="utf-8").replace("mem_limit: 400m", "memory_limit: 400m"), encoding="utf-8")
    done = compose(folder, "wrong.yaml", "config", "--quiet")
    assert done.returncode != 0 and "memory_limit" in done.stderr


def plan(folder, service):
    """What the program says to the files, the arguments and the environment of a container."""
    arguments = []
    mounts = {target: source for source, target in (each.split(":")[:2] for each in service["volumes"] if each.startswith("/"))}
    for argument in service["command"]:
        arguments.append(mounts.get(argument, argument))
    assert arguments.pop(0) == "run"
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run([program_path(), "check", *arguments], cwd=folder, env={**clean, **service.get("environment", {})},
                          capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("file", FILES)
def test_the_program_accepts_what_every_container_is_given(folder, file):
    for name, service in of_troupe(folder, file).items():
        printed = plan(folder, service)
        assert f"\n  {name}\n" in printed and "the edge at [::]:8080\n" in printed
        assert "\n  embedded  streams none; queues none;" in printed  # nothing that a container passes on ends with it


def test_secrets_are_files_of_those_that_need_them(folder):
    given = {name: sorted(each["source"] for each in service.get("secrets", [])) for name, service in of_troupe(folder, "compose.yaml").items()}
    assert given == {"service-a": [], "service-b": [], "service-c": ["mongodb.conn"], "service-d": ["rabbitmq.conn"], "service-e": [],
                     "service-f": ["mongodb.conn", "rabbitmq.conn"], "service-g": ["mongodb.conn"], "service-h": ["mongodb.conn"],
                     "service-rev-proxy": []}
    assert {tuple(each["source"] for each in service["secrets"]) for service in of_troupe(folder, "kafka.yaml").values()} == {("kafka.json",)}
    text = "".join(str(services(folder, file)) for file in FILES)
    assert not [each for each in (folder / "secret").glob("*-password") if each.read_text(encoding="utf-8").strip() in text]


def test_secrets_are_random_made_once_and_in_a_folder_of_their_owner(folder, tmp_path):
    def made(at):
        return {each.name: each.read_text(encoding="utf-8") for each in (at / "secret").iterdir()}
    first = made(folder)
    subprocess.run([folder / "secrets"], check=True, timeout=30)
    assert made(folder) == first and len(first["mongodb-password"]) == 48
    other = tmp_path / "compose"
    shutil.copytree(folder, other, ignore=shutil.ignore_patterns("secret"))
    subprocess.run([other / "secrets"], check=True, timeout=30)
    assert made(other)["rabbitmq.conn"] != first["rabbitmq.conn"]
    assert pathlib.Path(folder / "secret").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("file", FILES)
def test_every_container_is_bounded_restarted_and_probed(folder, file):
    for name, service in services(folder, file).items():
        assert service["mem_limit"] and service["pids_limit"], name
        if name == "topics":  # ends by itself
            continue
        assert service["restart"] == "unless-stopped", name
        assert "healthcheck" in service or name == "prometheus", name
    for name, service in of_troupe(folder, file).items():
        check = service["healthcheck"]["test"]
        assert "--source=none" in check, name  # asks no broker
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"], name
        assert service["stop_grace_period"] in ("60s", "1m0s"), name


def test_only_the_gateway_and_prometheus_listen_on_the_machine_and_there_on_loopback(folder):
    published = {name: each["ports"] for name, each in services(folder, "compose.yaml").items() if "ports" in each}
    assert published == {"service-rev-proxy": ["127.0.0.1:8080:8080/tcp"], "prometheus": ["127.0.0.1:9090:9090/tcp"]}
    assert not [name for name, each in services(folder, "kafka.yaml").items() if "ports" in each]


def test_prometheus_reads_every_service(folder):
    configured = yaml.safe_load((folder / "prometheus.yaml").read_text(encoding="utf-8"))
    targets = configured["scrape_configs"][0]["static_configs"][0]["targets"]
    assert sorted(targets) == sorted(f"{name}:8080" for name in of_troupe(folder, "compose.yaml"))


def test_prometheus_has_the_alarms_of_the_operators_manual(folder):
    configured = yaml.safe_load((folder / "prometheus.yaml").read_text(encoding="utf-8"))
    [pattern] = configured["rule_files"]
    mounted = [str(each) for each in services(folder, "compose.yaml")["prometheus"]["volumes"]]
    assert pattern == "/etc/prometheus/rules/*.yml"
    assert [each for each in mounted if "observability/prometheus/rules" in each and "/etc/prometheus/rules" in each], mounted
    assert (REPOSITORY / "deploy/observability/prometheus/rules/alarms.yml").exists()
