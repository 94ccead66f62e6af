"""The images: what is in them, that they are the same when they are built again, and how they run in a real container."""

import ctypes
import hashlib
import http.server
import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import threading

import pytest
import yaml

from driver import charts, containers, images
from driver.containers import REPOSITORY

pytestmark = pytest.mark.xdist_group("images")
IMAGE = "localhost/troupe:tested"
LABELS = ("--source", "https://example.org/troupe", "--licenses", "LicenseRef-Example")


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    return images.given(tmp_path_factory.mktemp("given"))


@pytest.fixture(scope="module")
def sbom(tmp_path_factory):
    return tmp_path_factory.mktemp("sbom") / "sbom.json"


@pytest.fixture(scope="module")
def image(given, sbom):
    return images.build(given, IMAGE, "--sbom", str(sbom), *LABELS)


@pytest.fixture(scope="module")
def root(image):
    with containers.mounted(image) as folder:
        yield folder


@pytest.fixture(scope="module")
def net():
    with containers.network() as name:
        yield name


@pytest.fixture
def volume(tmp_path):
    folder = tmp_path / "volume"
    folder.mkdir()
    os.chown(folder, 65532, 65532)
    return folder


RECIPES = sorted([*(REPOSITORY / "deploy").rglob("*Dockerfile"), *(REPOSITORY / "tests/compose").rglob("Dockerfile")])


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda each: str(each.relative_to(REPOSITORY)))
def test_hadolint_finds_nothing(recipe):
    done = subprocess.run(["hadolint", "--failure-threshold", "style", str(recipe)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout


def assert_labels(given, title):
    """The annotations of an image that the project's script has built."""
    revision = subprocess.run(["git", "rev-parse", "HEAD"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout.strip()
    labels = {key.removeprefix("org.opencontainers.image."): value for key, value in given.items() if key.startswith("org.opencontainers.image.")}
    assert labels.pop("revision").removesuffix("-modified") == revision and labels.pop("description")
    assert labels == {"title": title, "version": "0.1.0", "source": LABELS[1], "licenses": LABELS[3]}


def test_the_same_inputs_give_the_same_digest(given, image):
    again = images.build(given, "localhost/troupe:again", "--no-cache", *LABELS)
    first, second = (containers.inspected(each)["FromImageDigest"] for each in (image, again))
    assert first == second and first.startswith("sha256:")


def test_the_image_is_small_and_says_what_it_is(image):
    whole = containers.inspected(image)
    size = int(containers.run("podman", "image", "inspect", "--format", "{{.Size}}", image))
    assert 10_000_000 < size < 45_000_000
    config = whole["OCIv1"]["config"]
    assert config["User"] == "65532:65532" and config["Entrypoint"] == ["/usr/bin/troupe"]
    assert_labels(config["Labels"], "troupe")


def test_there_is_no_shell_no_package_manager_and_nothing_that_gives_privileges(root):
    names = {each.name for each in root.rglob("*") if each.is_file() and os.access(each, os.X_OK)}
    assert "troupe" in names
    assert {each for each in names if ".so" not in each} == {"troupe"}
    for each in root.rglob("*"):
        mode = each.lstat().st_mode
        assert not mode & (stat.S_ISUID | stat.S_ISGID), each
        if mode & stat.S_IWOTH and not stat.S_ISLNK(mode):
            assert each == root / "tmp"
    assert (root / "data").stat().st_uid == 65532


def test_what_is_in_the_image_is_in_its_sbom(root, image, sbom):
    document = json.loads(sbom.read_text(encoding="utf-8"))
    packages = {each["name"]: each for each in document["packages"]}
    assert document["spdxVersion"] == "SPDX-2.3" and len({each["SPDXID"] for each in document["packages"]}) == len(packages)
    assert {"libc6", "libgrpc29", "librdkafka1", "libmongoc-1.0-0", "libssl3", "ca-certificates", "troupe"} <= set(packages)
    assert packages["libc6"]["externalRefs"][0]["referenceLocator"].startswith("pkg:deb/debian/libc6@2.36")
    # Of what has a stand-in, nothing is there.
    assert not {"libgnutls30", "libkrb5-3", "libmongocrypt0", "libunistring2", "libssh2-1", "libbrotli1"} & set(packages)
    libraries = {each.name for each in root.rglob("*.so*") if each.stat().st_size > 100_000}
    assert len(libraries) > 20 and len(packages) > 25


def test_passwords_are_prepared_with_what_is_left_of_icu(root):
    [library] = root.glob("usr/lib/*/libicu*")  # the tables stand in it
    assert library.stat().st_size < 1_000_000
    icu = ctypes.CDLL(str(library))
    icu.usprep_openByType_72.restype = ctypes.c_void_p
    error = ctypes.c_int(0)
    profile = icu.usprep_openByType_72(10, ctypes.byref(error))  # USPREP_RFC4013_SASLPREP
    assert profile and error.value <= 0
    given = "I\u00adX \u2168".encode("utf-16-le")
    prepared = ctypes.create_string_buffer(64)
    length = icu.usprep_prepare_72(ctypes.c_void_p(profile), given, len(given) // 2, prepared, 32, 0, None, ctypes.byref(error))
    assert error.value <= 0 and prepared.raw[:2 * length].decode("utf-16-le") == "IX IX"  # the examples of RFC 4013, section 3


def test_secrets_are_read_from_aws_with_the_libcurl_of_the_image(root, tmp_path):
    asked = []

    class Parameters(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append((self.headers["X-Amz-Target"], self.headers["Authorization"], self.rfile.read(int(self.headers["Content-Length"]))))
            body = json.dumps({"Parameter": {"Name": "/x", "Type": "String", "Value": "127.0.0.1:1"}}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Parameters)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    topology = root / "topology.yaml"
    topology.write_text("services: {a: {producers: [{to: s, every: 1s}]}}\nstreams: {s: {via: kafka}}\n"
                        "node: {kafka: {brokers: 'aws-ssm:/x', encryption: none}}\n", encoding="utf-8")
    secrets = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}"}
    try:
        program = subprocess.Popen(["chroot", str(root), "/usr/bin/troupe", "run", "/topology.yaml", "--http=127.0.0.1:0", "--admin=127.0.0.1:0",
                                    "--data=/data"], env={"PATH": os.environ["PATH"], "MONGOC_DISABLE_SHM": "1", **secrets}, stdout=subprocess.PIPE, text=True)
        try:
            for line in program.stdout:
                if "127.0.0.1:1" in line:
                    break
        finally:
            program.kill()  # what it cannot publish would hold up its end
            program.communicate(timeout=30)
    finally:
        server.shutdown()
        topology.unlink()
    target, authorization, body = asked[0]
    assert target == "AmazonSSM.GetParameter" and authorization.startswith("AWS4-HMAC-SHA256 Credential=k/") and b"/x" in body


def test_the_recipe_for_an_authors_project_makes_the_same_kind_of_image(given, tmp_path):
    shop = tmp_path / "given"
    shutil.copytree(given, shop)
    (shop / "bin/troupe").rename(shop / "bin/shop")
    (tmp_path / "troupe/deploy").mkdir(parents=True)
    shutil.copytree(REPOSITORY / "deploy/docker", tmp_path / "troupe/deploy/docker")
    shutil.copy(REPOSITORY / "deploy/prepare", tmp_path / "troupe/deploy/prepare")
    shutil.copy(REPOSITORY / "deploy/docker/author/Dockerfile", tmp_path)
    containers.run("buildah", "bud", "--isolation=chroot", "--network=host", "--layers", "--timestamp=0", "--pull-never",
                   f"--build-arg=DEBIAN={containers.base()}", "--build-arg=PROGRAM=given", "--build-arg=VERSION=1.2.3",
                   "--build-arg=REVISION=abc", "--tag=localhost/shop:tested", str(tmp_path))
    labels = containers.inspected("localhost/shop:tested")["OCIv1"]["config"]["Labels"]
    assert [labels[f"org.opencontainers.image.{each}"] for each in ("title", "version", "revision")] == ["shop", "1.2.3", "abc"]
    with containers.mounted("localhost/shop:tested") as root:
        assert [each.name for each in (root / "usr/bin").iterdir()] == ["shop"]
        ran = subprocess.run(["chroot", str(root), "/usr/bin/shop", "--version"], capture_output=True, text=True, timeout=30, check=True)
        assert ran.stdout == "troupe 0.1.0\n"


@pytest.fixture(scope="module")
def kafka_client(tmp_path_factory):
    """The image of Kafka's tools, and its SBOM."""
    sbom = tmp_path_factory.mktemp("kafka-client") / "sbom.json"
    name = images.build(containers.TOOLS / "share/kafka-client", "localhost/kafka-client:tested", "--sbom", str(sbom), *LABELS, recipe="kafka-client")
    return name, json.loads(sbom.read_text(encoding="utf-8"))


def test_the_kafka_client_says_what_it_is_and_what_is_in_it(kafka_client):
    image, document = kafka_client
    assert_labels(containers.inspected(image)["OCIv1"]["config"]["Labels"], "kafka-client")
    assert document["spdxVersion"] == "SPDX-2.3" and document["name"] == "kafka-client"
    assert len({each["SPDXID"] for each in document["packages"]}) == len(document["packages"]) == len(document["relationships"])
    purls = {each["externalRefs"][0]["referenceLocator"].partition("?")[0] for each in document["packages"]}
    assert {"pkg:maven/org.apache.kafka/kafka-tools@3.9.1", "pkg:maven/software.amazon.msk/aws-msk-iam-auth@2.3.0"} <= purls
    digests = {each["checksums"][0]["checksumValue"] for each in document["packages"] if "checksums" in each}
    with containers.mounted(image) as root:
        jars = list((root / "opt/kafka/lib").iterdir())
        assert digests == {hashlib.sha256(each.read_bytes()).hexdigest() for each in jars} and len(digests) > 100
        installed = re.findall(r"^Package: (\S+)$", (root / "var/lib/dpkg/status").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(installed) == {each["name"] for each in document["packages"] if each["SPDXID"].startswith("SPDXRef-Package-")}
    assert "openjdk-17-jre-headless" in installed and "unzip" not in installed


def test_the_kafka_client_has_tools_that_start_and_ends_when_it_is_asked(kafka_client, net):
    with containers.running(kafka_client[0], net, options=("--tmpfs=/tmp",)) as container:
        for tool in ("topics", "acls", "consumer-groups"):
            assert containers.run("podman", "exec", container.id, f"kafka-{tool}.sh", "--version").startswith("3.9.1")
        # The login of MSK is found: no broker is what fails, not the loading of its classes.
        command = ("(cat /opt/kafka/iam.properties; echo request.timeout.ms=1000; echo default.api.timeout.ms=2000) > /tmp/c; "
                   "kafka-topics.sh --bootstrap-server localhost:1 --list --command-config /tmp/c")
        ran = subprocess.run(["podman", "exec", container.id, "sh", "-c", command], env=containers.environment(), capture_output=True,
                              text=True, timeout=120, check=False)
        assert "Timed out waiting for a node assignment" in ran.stdout and "Exception" not in ran.stderr.replace("TimeoutException", "")
        assert containers.run("podman", "exec", container.id, "jq", "--null-input", "1+1") == "2"
        assert container.status()["Uid"] == ["65532"] * 4
        containers.run("podman", "stop", "--time=5", container.id)
        assert container.state()["ExitCode"] == 0


def test_it_runs_as_the_first_process_without_privileges_and_ends_in_order(image, net, volume):
    with containers.running(image, net, options=("--volume", f"{volume}:/data", "--memory=128m")) as container:
        container.wait_ready()
        status = container.status()
        assert status["NSpid"][-1] == "1" and status["Uid"] == ["65532"] * 4 and status["Gid"] == ["65532"] * 4
        assert int(status["CapEff"][0], 16) == 0 and int(status["CapBnd"][0], 16) == 0
        assert status["NoNewPrivs"] == ["1"] and status["Seccomp"] == ["2"]
        body, code = container.get("/api/v1/greeting")
        assert code == "200" and len(json.loads(body)["greeting"]) == 7
        containers.run("podman", "stop", "--time=20", container.id)
        assert container.state()["ExitCode"] == 0 and '"msg":"ended"' in container.logs()


def test_a_container_with_what_a_chart_gives_its_pod_is_ready_and_announces_its_end(image, net, volume, tmp_path):
    manifests = charts.rendered("troupe", "--set", "layout=one", "--set-file", f"topology={charts.TOPOLOGIES}/reference-2021.yaml")
    mounted = tmp_path / "topology"
    mounted.mkdir()
    for name, text in manifests["ConfigMap", "shop-topology"]["data"].items():
        (mounted / name).write_text(text, encoding="utf-8")
    arguments = charts.container(charts.workloads(manifests)["shop"])["args"]
    with containers.running(image, net, *arguments, options=("--volume", f"{volume}:/data", "--volume", f"{mounted}:/etc/troupe:ro")) as container:
        container.wait_ready()
        assert container.get("/livez")[1] == "200"
        containers.run("podman", "kill", "--signal=TERM", container.id)
        answers = set()
        while container.state()["Running"]:
            answers.add((container.get("/readyz")[1], container.get("/api/v1/greeting")[1]))
        assert ("503", "200") in answers  # not ready, and still served
        assert container.state()["ExitCode"] == 0


def test_the_processes_that_others_leave_behind_are_reaped(image, net, volume):
    with containers.running(image, net, options=("--volume", f"{volume}:/data")) as container:
        container.wait_ready()
        for _ in range(3):
            containers.run("podman", "exec", container.id, "/usr/bin/troupe", "--version")
        namespace = os.readlink(f"/proc/{container.state()['Pid']}/ns/pid")
        left = []
        for each in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(each / "ns/pid") == namespace:
                    left.append((each / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0])
            except OSError:
                pass
        assert len(left) == 1 and left[0] != "Z"


def test_the_root_is_read_only_and_a_folder_that_cannot_be_written_is_named(image, net):
    with containers.running(image, net) as container:
        containers.run("podman", "wait", container.id)
        assert container.state()["ExitCode"] == 1
        assert "the data folder /data cannot be written: Read-only file system" in container.logs()


def test_the_health_check_of_the_compose_files_distinguishes_a_program_that_answers_from_one_that_does_not(image, net, volume):
    compose = yaml.safe_load((REPOSITORY / "deploy/compose/compose.yaml").read_text(encoding="utf-8"))
    cmd, *check = compose["x-troupe"]["healthcheck"]["test"]
    assert cmd == "CMD"
    with containers.running(image, net, options=("--volume", f"{volume}:/data")) as container:
        container.wait_ready()
        containers.run("podman", "exec", container.id, *check)
        wrong = [each.replace(":8081", ":8082") for each in check]
        done = subprocess.run(["podman", "exec", container.id, *wrong], env=containers.environment(), capture_output=True, timeout=60, check=False)
        assert done.returncode == 1


def test_what_was_acknowledged_is_there_after_a_kill(image, net, volume):
    options = ("--volume", f"{volume}:/data")
    with containers.running(image, net, options=options) as container:
        container.wait_ready()
        first = [json.loads(container.get("/api/v1/greeting")[0])["greeting"] for _ in range(5)]
        containers.run("podman", "kill", "--signal=KILL", container.id)
    wanted = {each["id"] for answer in first for each in answer if each["service"] in ("Service-C", "Service-G", "Service-H")}
    kept = subprocess.run(["sqlite3", str(volume / "troupe.sqlite"), ".dump"], capture_output=True, text=True, check=True).stdout
    assert len(wanted) == 15 and not [each for each in wanted if each not in kept]
    with containers.running(image, net, options=options) as container:
        container.wait_ready()
        assert container.get("/api/v1/greeting")[1] == "200"


def test_load_stays_within_a_small_limit_of_memory(image, net, volume):
    with containers.running(image, net, options=("--volume", f"{volume}:/data", "--memory=96m", "--memory-swap=96m")) as container:
        container.wait_ready()
        ran = container.inside("hey", "-n", "2000", "-c", "50", "-t", "30", "http://localhost:8080/api/v1/greeting")
        assert re.search(r"\[200\]\s+2000 responses", ran), ran
        assert container.state()["Running"] and not container.state()["OOMKilled"]


def test_as_many_actor_threads_run_as_the_quota_has_processors(image, net, volume, tmp_path):
    def threads(cpus):
        with containers.running(image, net, options=("--volume", f"{volume}:/data", f"--cpus={cpus}")) as container:
            container.wait_ready()
            pid = container.state()["Pid"]
            return [each.read_text(encoding="utf-8").strip() for each in pathlib.Path(f"/proc/{pid}/task").glob("*/comm")]
    assert sum("caf" in each for each in threads(2)) - sum("caf" in each for each in threads(1)) == 1
