"""Rules, alarms and configurations of deploy/observability by the tools of those who read them, and against the documents."""

import pathlib
import re
import subprocess

import pytest
import yaml

from driver.observed import OBSERVABILITY, PROJECT, RULES

HERE = pathlib.Path(__file__).parent
ALARM_FILES = [file for file in RULES if file.name != "recording.yml"]


def run(*command):
    """What a checker says, which ends with 0."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def alarms(*files):
    return [rule for file in files or ALARM_FILES for group in yaml.safe_load(file.read_text())["groups"]
            for rule in group["rules"] if "alert" in rule]


def test_prometheus_takes_the_configuration_and_every_rule():
    assert "valid prometheus config" in run("promtool", "check", "config", OBSERVABILITY / "prometheus/prometheus.yml")
    run("promtool", "check", "rules", *RULES)


def test_each_alarm_fires_when_it_should_and_only_then():
    run("promtool", "test", "rules", HERE / "alarms.yml")


def test_each_alarm_has_a_rule_test_that_sees_it_fire_and_one_that_does_not():
    tested = {}
    for test in yaml.safe_load((HERE / "alarms.yml").read_text())["tests"]:
        for check in test["promql_expr_test"]:
            for name in re.findall(r'alertname="(\w+)"', check["expr"]):
                tested.setdefault(name, set()).add(bool(check["exp_samples"]))
    assert {rule["alert"] for rule in alarms()} == set(tested)
    assert [name for name, outcomes in tested.items() if outcomes != {True, False}] == []


def test_alertmanager_takes_the_example():
    assert "2 receivers" in run("amtool", "check-config", OBSERVABILITY / "alertmanager/alertmanager.yml")


def test_alarms_that_silence_others_are_alarms():
    names = {rule["alert"] for rule in alarms()}
    example = (OBSERVABILITY / "alertmanager/alertmanager.yml").read_text()
    named = {word for match in re.findall(r'alertname (?:=|=~|!=) "?([\w|]+)"?[\],]', example) for word in match.split("|")}
    assert named and named <= names


def test_there_is_an_alarm_for_every_row_of_what_to_watch():
    text = (PROJECT / "deploy/README.md").read_text().partition("## What to watch")[2]
    rows = re.findall(r"^\| `(troupe_\w+)` \|", text, re.MULTILINE)
    assert len(rows) > 40
    # A recording rule stands for the metric that it is made of.
    recorded = {rule["record"]: rule["expr"] for group in yaml.safe_load((RULES[0].parent / "recording.yml").read_text())["groups"]
                for rule in group["rules"]}
    watched = " ".join(rule["expr"] for rule in alarms())
    watched += " ".join(expression for name, expression in recorded.items() if name in watched)
    assert [name for name in rows if not re.search(rf"\b{name}(_bucket)?\b", watched)] == []


def test_every_alarm_says_how_bad_it_is_and_how_to_go_on():
    headings = set(re.findall(r"^## (\w+)$", (OBSERVABILITY / "runbook.md").read_text(), re.MULTILINE))
    found = alarms()
    for rule in found:
        assert rule["labels"]["severity"] in ("warning", "critical"), rule
        assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}, rule
        assert rule["annotations"]["runbook_url"] == f"deploy/observability/runbook.md#{rule['alert'].lower()}"
    assert headings == {rule["alert"] for rule in found}


@pytest.mark.parametrize("kind", ["receivers", "processors", "exporters", "extensions"])
def test_the_collector_uses_what_it_defines_and_defines_what_it_uses(kind):
    config = yaml.safe_load((OBSERVABILITY / "otel/collector.yaml").read_text())
    pipelines = config["service"]["pipelines"].values()
    used = config["service"]["extensions"] if kind == "extensions" else [name for each in pipelines for name in each[kind]]
    assert set(used) == set(config[kind])
    if kind == "processors":
        assert all(each["processors"][0] == "memory_limiter" and each["processors"][-1] == "batch" for each in pipelines)


def test_prometheus_takes_what_the_collector_scrapes_with(tmp_path):
    receivers = yaml.safe_load((OBSERVABILITY / "otel/collector.yaml").read_text())["receivers"]
    file = tmp_path / "prometheus.yml"
    file.write_text(yaml.safe_dump(receivers["prometheus"]["config"]))
    assert "valid prometheus config" in run("promtool", "check", "config", file)
