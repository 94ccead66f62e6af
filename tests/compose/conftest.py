import pathlib
import shutil
import subprocess

import pytest

from driver import composed, containers, images
from driver.charts import REPOSITORY
from driver.kafka_settings import LOGGING
from driver.mongodb import ferretdb
from driver.sandbox import network_of


@pytest.fixture(scope="session")
def named(tmp_path_factory):
    """The variables of the compose files' .env: every image made of what this machine has."""
    folder = tmp_path_factory.mktemp("images")
    logging = folder / "log4j.properties"
    logging.write_text(LOGGING, encoding="utf-8")
    troupe = images.build(images.given(tmp_path_factory.mktemp("given")), "localhost/troupe:composed")
    return {"TROUPE_IMAGE": troupe,
            "RABBITMQ_IMAGE": composed.server_image("rabbitmq", folder),
            "MONGODB_IMAGE": composed.server_image("mongodb", folder, ferretdb=ferretdb()),
            "KAFKA_IMAGE": composed.server_image("kafka", folder, **{
                "server": containers.TOOLS / "share/kafka", "tools": containers.TOOLS / "share/kafka-client",
                "log4j.properties": logging, "kafka": REPOSITORY / "deploy/docker/kafka-client/kafka"}),
            "PROMETHEUS_IMAGE": composed.server_image("prometheus", folder, prometheus=pathlib.Path(shutil.which("prometheus")))}


@pytest.fixture(scope="session")
def engine(named, tmp_path_factory):
    """After the images, whose building must not change what it has open."""
    with composed.engine(tmp_path_factory.mktemp("engine") / "root") as made:
        yield made


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A copy of the compose files with what they mount, and with secrets of its own."""
    deploy = tmp_path_factory.mktemp("deploy")
    for name in ("compose", "topologies", "observability"):
        shutil.copytree(REPOSITORY / "deploy" / name, deploy / name, ignore=shutil.ignore_patterns("secret"))
    subprocess.run([deploy / "compose/secrets"], check=True, timeout=30)
    return deploy / "compose"


@pytest.fixture(autouse=True)
def inside(engine):
    """A test stands where the gateway listens on loopback."""
    with network_of(engine.sandbox.pid):
        yield


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A test that fails reports its containers as they are."""
    report = (yield).get_result()
    if call.when == "call" and report.failed:
        for each in composed.Project.known:
            report.sections.append((f"containers of {each.name}", each.report()))
