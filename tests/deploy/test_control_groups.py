"""The program on a machine whose control groups are all of version 2, as it would see them: in mounts of its own."""

import os
import pathlib
import subprocess

from driver.missing import not_run
from driver.program import program_path

# Shows the program control groups that are made for it: $1 is a quota, $2 the group, $3 the mounts. A process keeps its id.
MACHINE = """
set -eu
mount -t tmpfs tmpfs /sys/fs/cgroup
mkdir -p /sys/fs/cgroup/kubepods/pod/container
echo cpuset cpu io memory pids > /sys/fs/cgroup/cgroup.controllers
echo "$1" > /sys/fs/cgroup/kubepods/pod/cpu.max
echo max 100000 > /sys/fs/cgroup/kubepods/pod/container/cpu.max
mount --bind "$2" "/proc/$$/cgroup"
mount --bind "$3" "/proc/$$/mountinfo"
shift 3
exec "$@"
"""


def threads(folder, quota):
    """How many of the program's threads run actors with a quota of the pod."""
    folder.mkdir()
    (folder / "cgroup").write_text("0::/kubepods/pod/container\n", encoding="utf-8")
    (folder / "mountinfo").write_text("21 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
                                      "30 21 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n", encoding="utf-8")
    program = subprocess.Popen(["unshare", "--mount", "bash", "-c", MACHINE, "machine", quota, folder / "cgroup", folder / "mountinfo",
                                program_path(), "run", "--http=127.0.0.1:0", "--admin=127.0.0.1:0", f"--data={folder}/data"],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        said = []
        for line in program.stdout:
            said.append(line)
            if "listening on" in line:
                break
        assert program.poll() is None, said
        names = [each.read_text(encoding="utf-8").strip() for each in pathlib.Path(f"/proc/{program.pid}/task").glob("*/comm")]
        return names.count("caf.worker")
    finally:
        program.kill()
        program.communicate(timeout=30)


def test_the_quota_of_a_group_above_counts_where_there_is_no_group_of_version_1(tmp_path):
    if os.geteuid() != 0 or os.cpu_count() < 2:
        not_run("no mounts of a test's own, or one processor: no machine with control groups of version 2 was shown to the program")
    one, two, half = (threads(tmp_path / name, quota) for name, quota in (("one", "100000 100000"), ("two", "200000 100000"), ("half", "50000 100000")))
    assert (one, two, half) == (1, 2, 1)
