"""Dashboards, rules and metrics with a real Prometheus that scrapes the real program, in all its forms and under load."""

import json
import math
import pathlib
import re
import subprocess
import sys

import pytest
import yaml

from driver.observed import OBSERVABILITY, observed
from driver.program import eventually

pytestmark = pytest.mark.xdist_group("observed")  # the platform is started once

DASHBOARDS = sorted((OBSERVABILITY / "grafana/dashboards").glob("*.json"))
RANGES = {"$__rate_interval": "30s", "$__range": "5m"}
# What the test platform uses none of, or what must not happen to it.
NOT_SEEN = {"troupe_aws_retries_total", "troupe_metric_series_overflow_total"}
# Alarms that the test platform gives reason for: unreadable messages, a service that is away.
WITH_REASON = {"TroupeEmbeddedDeadLettered", "TroupeKafkaDeadLettered", "TroupeAmqpDeadLettered", "TroupeGreeterShortfalls",
               "TroupeOutboundFailures", "TroupeOutboundRefused", "TroupeOutboundBreakerOpen"}


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    with observed(tmp_path_factory.mktemp("observed")) as made:
        yield made


def panels(dashboard):
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def with_everything(dashboard, expression):
    """A query as Grafana sends it when every variable has "All"."""
    for name, value in RANGES.items():
        expression = expression.replace(name, value)
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            expression = expression.replace("$" + variable["name"], variable["allValue"])
    assert "$" not in expression, expression
    return expression


def has_data(platform, expression):
    return any(math.isfinite(value) for _labels, value in platform.prometheus.query(expression))


@pytest.mark.parametrize("file", DASHBOARDS, ids=lambda file: file.stem)
def test_every_query_of_a_dashboard_returns_data(platform, file):
    dashboard = json.loads(file.read_text())
    queries = {(panel["title"], target["refId"]): with_everything(dashboard, target["expr"])
               for panel in panels(dashboard) for target in panel["targets"]}
    missing = dict(queries)

    def nothing_missing():
        for name, expression in list(missing.items()):
            if has_data(platform, expression):
                del missing[name]
        return not missing
    try:
        eventually(nothing_missing, 30)
    except AssertionError:
        raise AssertionError(f"without data: {missing}") from None


@pytest.mark.parametrize("file", DASHBOARDS, ids=lambda file: file.stem)
def test_every_variable_of_a_dashboard_has_values(platform, file):
    dashboard = json.loads(file.read_text())
    kinds = [variable["type"] for variable in dashboard["templating"]["list"]]
    assert kinds[0] == "datasource" and "query" in kinds
    for variable in dashboard["templating"]["list"][1:]:
        series, label = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["query"]["query"]).groups()
        assert platform.prometheus.label_values(label, with_everything(dashboard, series)), variable["name"]


@pytest.mark.parametrize("file", DASHBOARDS, ids=lambda file: file.stem)
def test_panels_of_a_dashboard_stand_beside_one_another_and_name_their_unit_and_source(file):
    dashboard = json.loads(file.read_text())
    taken = set()
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    for panel in dashboard["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24 and not cells & taken, panel["title"]
        taken |= cells
    for panel in panels(dashboard):
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"]) > 0, panel["title"]
        for source in [panel["datasource"], *(target["datasource"] for target in panel["targets"])]:
            assert source == {"type": "prometheus", "uid": "${datasource}"}, panel["title"]


def test_grafana_knows_every_member_of_a_dashboard():
    done = subprocess.run([pathlib.Path(sys.prefix) / "bin/check-dashboards", *DASHBOARDS], capture_output=True, text=True,
                          check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")


def test_no_two_dashboards_have_one_id_or_title():
    boards = [json.loads(file.read_text()) for file in DASHBOARDS]
    assert len({board["uid"] for board in boards}) == len({board["title"] for board in boards}) == len(boards) >= 5


def test_the_metrics_of_every_form_of_the_program_follow_the_conventions_of_prometheus(platform):
    for name, program in platform.programs.items():
        text = program.get("/metrics").body
        done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, check=False, timeout=30)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b""), (name, done.stdout, done.stderr)


def test_the_metrics_say_which_build_the_program_is(platform):
    [(labels, value)] = platform.prometheus.query('troupe_build_info{program="all-in-one"}')
    assert value == 1
    assert re.fullmatch(r"\d+\.\d+\.\d+", labels["version"])
    assert re.fullmatch(r"[0-9a-f]{12}|unknown", labels["commit"])
    assert re.fullmatch(r"\w+ [\d.]+", labels["compiler"])


def test_the_collector_reads_members_that_a_log_line_has(platform):
    receivers = yaml.safe_load((OBSERVABILITY / "otel/collector.yaml").read_text())["receivers"]
    parser, move = receivers["filelog"]["operators"]
    read = {parser["timestamp"]["parse_from"], parser["severity"]["parse_from"], move["from"]}
    for line in platform.programs["all-in-one"].lines:
        entry = json.loads(line)
        assert read <= {f"attributes.{name}" for name in entry}
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}Z", entry["time"])  # as its layout says


METRICS = re.compile(r"\b(?:troupe|grpc|process|kafka)_\w+(?=[{\[ )]|$)")


def rules(platform):
    found = [rule for group in platform.prometheus.ask("/api/v1/rules")["data"]["groups"] for rule in group["rules"]]
    assert [rule for rule in found if rule["health"] != "ok"] == []
    return found


def test_alarms_speak_of_labels_that_their_metrics_have(platform):
    checked = 0
    for rule in rules(platform):
        spoken = set(re.findall(r"\$labels\.(\w+)", json.dumps(rule.get("annotations", {}))))
        # A metric by its name or by a pattern of names, and what a rule has recorded.
        series = [*METRICS.findall(rule["query"]), *re.findall(r"\b\w+:\w+:\w+\b|{__name__=[^}]+}", rule["query"])]
        if spoken and series and not NOT_SEEN & set(series):
            assert spoken <= set(platform.prometheus.ask("/api/v1/labels", **{"match[]": series})["data"]), rule["name"]
            checked += 1
    assert checked > 45


def test_every_metric_that_rules_name_is_one_of_the_program(platform):
    described = set(platform.prometheus.ask("/api/v1/metadata")["data"])
    named = {name for rule in rules(platform) for name in METRICS.findall(rule["query"])}
    suffix = re.compile(r"_(bucket|count|sum)$")
    unknown = {name for name in named if name not in described and suffix.sub("", name) not in described}
    assert len(named) > 50 and unknown == NOT_SEEN


def test_alarms_fire_for_what_happens_and_for_nothing_else(platform):
    def alerts():
        return platform.prometheus.ask("/api/v1/alerts")["data"]["alerts"]
    expected = {"TroupeEmbeddedDeadLettered", "TroupeKafkaDeadLettered", "TroupeAmqpDeadLettered"}
    eventually(lambda: expected <= {each["labels"]["alertname"] for each in alerts() if each["state"] == "firing"}, 60,
               "alarms of dead letters")
    firing = [each for each in alerts() if each["state"] == "firing"]
    assert {each["labels"]["alertname"] for each in firing} <= WITH_REASON
    [embedded] = [each for each in firing if each["labels"]["alertname"] == "TroupeEmbeddedDeadLettered"]
    assert embedded["annotations"]["summary"] == "Messages of scribbles are set aside (undecodable)"
    assert re.fullmatch(r"[\d.]+ dead letters within 10 min \(undecodable\)\.", embedded["annotations"]["description"])


def test_while_a_store_is_away_the_oldest_delivery_ages_at_every_transport_and_then_no_more(platform):
    def ages():
        return {name: platform.programs["brokers"].metric(f"troupe_{name}_oldest_unsettled_seconds")
                for name in ("embedded", "kafka", "amqp")}
    platform.mongodb.pause()
    try:
        eventually(lambda: all(age > 5 for age in ages().values()), 40, "deliveries that age")
    finally:
        platform.mongodb.resume()
    eventually(lambda: all(age < 3 for age in ages().values()), 60, "deliveries that are settled")
