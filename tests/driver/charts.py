"""The charts of deploy/helm, rendered as an operator would."""

import functools
import pathlib
import subprocess

import yaml

REPOSITORY = pathlib.Path(__file__).parents[2]
CHARTS = REPOSITORY / "deploy/helm"
TOPOLOGIES = REPOSITORY / "deploy/topologies"
KUBERNETES = "1.33.0"
IMAGE = ("--set", "image.repository=registry.example/troupe")


def helm(command, chart, *arguments):
    """Runs `helm COMMAND` on a chart; the outcome with its output."""
    release = ["shop"] if command == "template" else []
    return subprocess.run(["helm", command, *release, str(CHARTS / chart), "--kube-version", KUBERNETES, "--namespace", "dev", *arguments],
                          capture_output=True, text=True, timeout=60, check=False)


@functools.lru_cache(maxsize=None)
def rendered_text(chart, *arguments):
    done = helm("template", chart, *IMAGE, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rendered(chart, *arguments):
    """The manifests of a chart, by kind and name."""
    documents = [each for each in yaml.safe_load_all(rendered_text(chart, *arguments)) if each]
    by_name = {(each["kind"], each["metadata"]["name"]): each for each in documents}
    assert len(by_name) == len(documents), "two manifests have the same kind and name"
    return by_name


def refusal(chart, *arguments):
    """What helm says of values that it refuses."""
    done = helm("template", chart, *IMAGE, *arguments)
    assert done.returncode != 0, "helm accepted these values"
    return done.stderr


def container(manifest):
    return manifest["spec"]["template"]["spec"]["containers"][0]


def workloads(manifests):
    """Deployments and StatefulSets by name."""
    return {name: each for (kind, name), each in manifests.items() if kind in ("Deployment", "StatefulSet")}
