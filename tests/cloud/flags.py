"""Writes tests/cloud/flags.json: which flags the commands of gcloud, helm and kubectl have that scripts and manuals use. Run it
where these are installed, when one of them uses another command:

    python3 tests/cloud/flags.py > tests/cloud/flags.json
"""

import importlib.util
import json
import pathlib
import re
import shutil
import subprocess
import sys

COMMANDS = {
    "gcloud": ["services enable", "projects add-iam-policy-binding", "projects remove-iam-policy-binding",
               "iam service-accounts describe", "iam service-accounts create", "iam service-accounts delete",
               "container clusters describe", "container clusters create", "container clusters delete",
               "container clusters get-credentials", "compute addresses describe", "compute addresses create",
               "compute addresses delete", "compute forwarding-rules list", "compute forwarding-rules delete",
               "compute backend-services delete", "dns record-sets list", "dns record-sets create", "dns record-sets update",
               "dns record-sets delete"],
    "helm": ["upgrade", "uninstall"],
    "kubectl": ["apply", "delete", "create namespace", "create secret tls", "label", "get", "wait", "logs"],
}


def gcloud():
    """From the table that its completion uses."""
    program = pathlib.Path(shutil.which("gcloud")).resolve()
    table = next(folder / "data/cli/gcloud_completions.py" for folder in program.parents
                 if (folder / "data/cli/gcloud_completions.py").exists())
    named = importlib.util.spec_from_file_location("completions", table)
    loaded = importlib.util.module_from_spec(named)
    named.loader.exec_module(loaded)
    tree = loaded.STATIC_COMPLETION_CLI_TREE
    commands = {}
    for command in COMMANDS["gcloud"]:
        node = tree
        for word in command.split():
            node = node["commands"][word]
        # A flag of two values is one that `--no-` also goes before.
        commands[command] = {name: kind != "bool" for name, kind in {**tree["flags"], **node["flags"]}.items()}
    return commands


def helm():
    commands = {}
    for command in COMMANDS["helm"]:
        said = subprocess.run(["helm", *command.split(), "--help"], capture_output=True, text=True, check=True).stdout
        commands[command] = {name: bool(value) for name, value in re.findall(r"^ +(?:-\w, )?(--[a-z0-9-]+)(?: (string\w*|int|float|duration|stringArray))?", said, re.M)}
    return commands


def kubectl():
    commands = {}
    general = subprocess.run(["kubectl", "options"], capture_output=True, text=True, check=True).stdout
    for command in COMMANDS["kubectl"]:
        said = subprocess.run(["kubectl", *command.split(), "--help"], capture_output=True, text=True, check=True).stdout
        commands[command] = {name: value not in ("true", "false")
                             for name, value in re.findall(r"^ +(?:-\w, )?(--[a-z0-9-]+)=(.*?):$", said + general, re.M)}
    return commands


def flags():
    """Those of each program that is installed."""
    return {name: dict(sorted((command, dict(sorted(of.items()))) for command, of in read().items()))
            for name, read in {"gcloud": gcloud, "helm": helm, "kubectl": kubectl}.items() if shutil.which(name)}


if __name__ == "__main__":
    json.dump(flags(), sys.stdout, indent=1, sort_keys=True)
    print()
