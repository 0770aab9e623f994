"""A Slurm of its own on this machine, as ordinary processes: Debian's munge, slurmctld, slurmd and slurm-client."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

NEEDED = ("munged", "slurmctld", "slurmd", "srun", "sbatch", "squeue", "scontrol")
SBIN = ("/usr/sbin", "/sbin")
CONFIG = """
ClusterName=siamnas
SlurmctldHost={host}({address})
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={at}/munge.socket
CryptoType=crypto/munge
SlurmctldPort={controller}
SlurmdPort={daemon}
SlurmctldPidFile={at}/slurmctld.pid
SlurmdPidFile={at}/%n.pid
StateSaveLocation={at}/state
SlurmdSpoolDir={at}/spool-%n
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
{nodes}
PartitionName=debug Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
"""


@dataclass(frozen=True)
class Host:
    """A machine of Slurm, or what a test takes for one.

    Attributes:
        name: its own, as `hostname` tells it.
        address: under which the others reach it.
        cpus: as Slurm is told; jobs share those that there are.
        weight: the node of the least gets a job first.
        enter: words before a command that let it run there.
    """

    name: str
    address: str = "127.0.0.1"
    cpus: int = 8
    weight: int = 1
    enter: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """What Slurm is told of it."""
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
        known = f"NodeName={self.name} NodeAddr={self.address} CPUs={self.cpus} RealMemory={memory}"
        return f"{known} Weight={self.weight} State=UNKNOWN"


HERE = Host(socket.gethostname())


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


def start_node(environment: dict[str, str], node: Host = HERE, head: Host = HERE) -> None:
    """Start the daemon of a node, and wait until Slurm has it."""
    subprocess.run([*node.enter, "slurmd"], env=environment, check=True, timeout=30)
    wait_for([*head.enter, "sinfo", "--noheader", "--format=%t", f"--nodes={node.name}"], "idle", environment)


@contextmanager
def started(at: Path, head: Host = HERE, nodes: Sequence[Host] = (HERE,), more: str = "") -> Iterator[dict[str, str]]:
    """The environment in which the commands of a Slurm find it.

    Args:
        at: the folder of its files.
        head: where its controller runs.
        nodes: where jobs run.
        more: lines of its configuration.
    """
    if missing := [
        name for name in NEEDED if not shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *SBIN]))
    ]:
        pytest.fail(f"no {', '.join(missing)} here: apt-get install munge slurmctld slurmd slurm-client")
    path = os.pathsep.join([os.environ["PATH"], *SBIN])
    for name in ("state", "munge"):
        (at / name).mkdir(mode=0o700)
    at.chmod(0o755)
    (at / "munge.key").write_bytes(os.urandom(128))
    (at / "munge.key").chmod(0o400)
    lines = "\n".join([*(node.line for node in nodes), more])
    values = {"host": head.name, "address": head.address, "at": at, "nodes": lines}
    (at / "slurm.conf").write_text(CONFIG.format(**values, controller=free_port(), daemon=free_port()))
    environment = {"PATH": path, "SLURM_CONF": str(at / "slurm.conf")}
    everything = os.environ | environment
    munge = ["munged", "--foreground", "--force", f"--socket={at}/munge.socket", f"--key-file={at}/munge.key"]
    munge += [f"--pid-file={at}/munged.pid", f"--log-file={at}/munged.log", f"--seed-file={at}/munge.seed"]
    running = []
    try:
        for command in (munge, ["slurmctld", "-D", "-i"]):
            with (at / f"{command[0]}.out").open("wb") as log:
                running.append(subprocess.Popen([*head.enter, *command], env=everything, stdout=log, stderr=log))
            time.sleep(1)
        for node in nodes:
            start_node(everything, node, head)
        yield environment
    finally:
        daemons = [pid for node in nodes if (pid := at / f"{node.name}.pid").exists()]
        if daemons:  # a job would outlive its Slurm
            empty = ["bash", "-c", "[ -z $(squeue --noheader --format=%i | head -1) ] && echo empty"]
            cancel = ["scancel", "--full", "--signal=KILL", "--partition=debug"]
            subprocess.run([*head.enter, *cancel], env=everything, timeout=30)
            wait_for([*head.enter, *empty], "empty", everything)
            for daemon in daemons:
                with suppress(ProcessLookupError):
                    os.kill(int(daemon.read_text()), signal.SIGTERM)
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
    with started(tmp_path_factory.mktemp("slurm")) as environment:
        yield environment


@pytest.fixture
def power_failure(slurm: dict[str, str]) -> Callable[[], None]:
    """The node and all that runs on it end at once, Slurm finds out, and the node comes back."""
    environment = os.environ | slurm
    change = ["scontrol", "update", f"NodeName={HERE.name}"]

    def fail() -> None:
        for process in processes_of_the_node(slurm["SLURM_CONF"]):
            os.kill(process, signal.SIGKILL)
        subprocess.run([*change, "State=DOWN", "Reason=power"], env=environment, check=True, timeout=30)
        (Path(slurm["SLURM_CONF"]).parent / f"{HERE.name}.pid").unlink()
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
