"""The image of the program under test, built by deploy/docker's recipe from its last stages on."""

import re
import shutil
import subprocess

from driver import containers
from driver.containers import REPOSITORY
from driver.program import program_path


def given(folder):
    """Fills a folder with the program that was built and the library that no package has: the recipe's last stages begin there."""
    (folder / "bin").mkdir()
    (folder / "lib").mkdir()
    shutil.copy(program_path(), folder / "bin/troupe")
    loaded = subprocess.run(["ldd", program_path()], capture_output=True, text=True, check=True).stdout
    shutil.copy(re.search(r"=> (\S+/libcaf_core\.so\S+)", loaded)[1], folder / "lib")
    return folder


def build(made, tag, *options, recipe="troupe"):
    """Builds an image from what `given` has made, or that of Kafka's tools from a folder of libraries; its name."""
    containers.base()
    return containers.run(f"{REPOSITORY}/deploy/docker/image", recipe, "--with", "buildah", "--base", containers.BASE, "--given", str(made), "--tag",
                          tag, *options, timeout=600)
