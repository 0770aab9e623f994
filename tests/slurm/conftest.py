"""A Slurm of its own on this machine, as ordinary processes: Debian's munge, slurmctld, slurmd and slurm-client."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

NEEDED = ("munged", "slurmctld", "slurmd", "srun", "sbatch", "squeue", "scontrol")
CPUS = 8  # as Slurm is told; jobs share those that there are
SBIN = ("/usr/sbin", "/sbin")
NODE = "slurmd.pid"  # the file that names the process of the node
CONFIG = """
ClusterName=siamnas
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={at}/munge.socket
CryptoType=crypto/munge
SlurmctldPort={controller}
SlurmdPort={daemon}
SlurmctldPidFile={at}/slurmctld.pid
SlurmdPidFile={at}/{node}
StateSaveLocation={at}/state
SlurmdSpoolDir={at}/spool
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=2
JobAcctGatherParams=OverMemoryKill
SlurmdParameters=config_overrides
KillWait=2
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} State=UNKNOWN
PartitionName=debug Nodes={host} Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
"""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(test: list[str], word: str, environment: dict[str, str]) -> None:
    """Until a command prints a word; fails with what it has printed last."""
    deadline, said = time.monotonic() + 30, ""
    while time.monotonic() < deadline:
        shown = subprocess.run(test, capture_output=True, text=True, env=environment, timeout=30)
        said = shown.stdout + shown.stderr
        if word in said:
            return
        time.sleep(0.3)
    pytest.fail(f"{test[0]} does not say {word}: {said}")


def start_node(environment: dict[str, str]) -> None:
    """Start the daemon of the one node, and wait until Slurm has it."""
    subprocess.run(["slurmd"], env=environment, check=True, timeout=30)
    wait_for(["sinfo", "--noheader", "--format=%t"], "idle", environment)


@contextmanager
def started(at: Path) -> Iterator[dict[str, str]]:
    """The environment in which the commands of a Slurm find it, whose files are in the folder `at`."""
    path = os.pathsep.join([os.environ["PATH"], *SBIN])
    for name in ("state", "spool", "munge"):
        (at / name).mkdir(mode=0o700)
    at.chmod(0o755)
    (at / "munge.key").write_bytes(os.urandom(128))
    (at / "munge.key").chmod(0o400)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    values = {"host": socket.gethostname(), "at": at, "node": NODE, "controller": free_port(), "daemon": free_port()}
    (at / "slurm.conf").write_text(CONFIG.format(**values, cpus=CPUS, memory=memory))
    environment = {"PATH": path, "SLURM_CONF": str(at / "slurm.conf")}
    everything = os.environ | environment
    munge = ["munged", "--foreground", "--force", f"--socket={at}/munge.socket", f"--key-file={at}/munge.key"]
    munge += [f"--pid-file={at}/munged.pid", f"--log-file={at}/munged.log", f"--seed-file={at}/munge.seed"]
    running = []
    try:
        for command in (munge, ["slurmctld", "-D", "-i"]):
            with (at / f"{command[0]}.out").open("wb") as log:
                running.append(subprocess.Popen(command, env=everything, stdout=log, stderr=log))
            time.sleep(1)
        start_node(everything)
        yield environment
    finally:
        if (at / NODE).exists():  # a job would outlive its Slurm
            empty = ["bash", "-c", "[ -z $(squeue --noheader --format=%i | head -1) ] && echo empty"]
            subprocess.run(["scancel", "--full", "--signal=KILL", "--partition=debug"], env=everything, timeout=30)
            wait_for(empty, "empty", everything)
            os.kill(int((at / NODE).read_text()), signal.SIGTERM)
        for process in reversed(running):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture(scope="session")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment in which its commands find it."""
    if missing := [
        name for name in NEEDED if not shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *SBIN]))
    ]:
        pytest.fail(f"no {', '.join(missing)} here: apt-get install munge slurmctld slurmd slurm-client")
    with started(tmp_path_factory.mktemp("slurm")) as environment:
        yield environment


@pytest.fixture
def power_failure(slurm: dict[str, str]) -> Callable[[], None]:
    """The node and all that runs on it end at once, Slurm finds out, and the node comes back."""
    environment = os.environ | slurm
    change = ["scontrol", "update", f"NodeName={socket.gethostname()}"]

    def fail() -> None:
        for process in processes_of_the_node(slurm["SLURM_CONF"]):
            os.kill(process, signal.SIGKILL)
        subprocess.run([*change, "State=DOWN", "Reason=power"], env=environment, check=True, timeout=30)
        (Path(slurm["SLURM_CONF"]).parent / NODE).unlink()
        subprocess.run([*change, "State=RESUME"], env=environment, check=True, timeout=30)
        start_node(environment)
        time.sleep(5)  # what Slurm still had to say to the dead node would end a job of the new one

    return fail


def processes_of_the_node(config: str) -> list[int]:
    """The daemon of the node of a Slurm, and what it has started."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            variables = (process / "environ").read_bytes().split(b"\0")
            name = (process / "comm").read_text().strip()
        except OSError:  # it has ended
            continue
        inside = name in ("slurmd", "slurmstepd") or any(one.startswith(b"SLURM_JOB_ID=") for one in variables)
        if inside and f"SLURM_CONF={config}".encode() in variables:
            found.append(int(process.name))
    return found
