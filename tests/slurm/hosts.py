"""Hosts of their own on this machine: a name, a network and processes each, and a clock where it is wanted.

Network namespaces on the bridge of one of them, so that nothing of this machine's own network changes.
Needs root, Debian's iproute2 and, for clocks, faketime.
"""

import functools
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.slurm.conftest import Host

FAKETIME = "/usr/lib/*-linux-gnu/faketime/libfaketimeMT.so.1"
NETWORK = "10.213.77"
# libfaketime 0.9.10 lets `time.sleep` of Python 3.11 fail where the clock that counts from the start is not faked, and
# all waiting for a lock last an hour where it is.
SLEEP = """
#define _GNU_SOURCE
#include <errno.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *left) {
    return syscall(SYS_clock_nanosleep, clock, flags, time, left) ? errno : 0;
}
"""


def clock(ahead: str) -> dict[str, str]:
    """The environment of a process whose clock is ahead, such as `+1h`; not the one that counts from its start."""
    (library,) = Path("/").glob(FAKETIME.lstrip("/"))
    return {"LD_PRELOAD": f"{_sleep()}:{library}", "FAKETIME": ahead, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


@functools.cache
def _sleep() -> Path:
    """A library with the sleep of the system."""
    path = Path(tempfile.mkdtemp(prefix="siamnas-sleep-")) / "sleep.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-xc", "-", "-o", path], input=SLEEP, text=True, check=True)
    return path


def missing() -> str:
    """Why there can be no such hosts here; empty where there can."""
    if absent := [name for name in ("ip", "nsenter", "unshare", "hostname", "cc") if not shutil.which(name)]:
        return f"no {', '.join(absent)} here: apt-get install iproute2 gcc"
    if not list(Path("/").glob(FAKETIME.lstrip("/"))):
        return "no libfaketime here: apt-get install faketime"
    if subprocess.run(["unshare", "--net", "--uts", "true"], capture_output=True).returncode:
        return "this machine lets nobody make network namespaces"
    return ""


@contextmanager
def hosts(names: Mapping[str, int]) -> Iterator[list[Host]]:
    """Hosts that reach each other.

    Args:
        names: of the hosts, with their weights for Slurm; the first one carries the bridge.
    """
    first = next(iter(names))
    found: list[Host] = []
    try:
        for number, (name, weight) in enumerate(names.items(), start=1):
            _ip("netns", "add", _space(name))
            _ip("-n", _space(name), "link", "set", "lo", "up")
            if not found:
                _ip("-n", _space(name), "link", "add", "wire", "type", "bridge")
            else:
                _ip("-n", _space(first), "link", "add", name, "type", "veth", "peer", "wire", "netns", _space(name))
                _ip("-n", _space(first), "link", "set", name, "master", "wire", "up")
            address = f"{NETWORK}.{number}"
            _ip("-n", _space(name), "address", "add", f"{address}/24", "dev", "wire")
            _ip("-n", _space(name), "link", "set", "wire", "up")
            # Not `ip netns exec`, which mounts another /sys, without the control groups that Slurm looks for.
            network = f"--net=/run/netns/{_space(name)}"
            enter = ("nsenter", network, "unshare", "--uts", "sh", "-c", 'hostname "$0"; exec "$@"', name)
            found.append(Host(name, address, cpus=1, weight=weight, enter=enter))
        yield found
    finally:
        for host in found:
            power_off(host)
            _ip("netns", "delete", _space(host.name))


def power_off(host: Host) -> None:
    """All processes of a host end at once."""
    for process in subprocess.check_output(["ip", "netns", "pids", _space(host.name)], text=True).split():
        with suppress(ProcessLookupError):
            os.kill(int(process), signal.SIGKILL)


def _space(name: str) -> str:
    """The namespace of a host of this process."""
    return f"siamnas-{os.getpid()}-{name}"


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True)
    if done.returncode:
        pytest.fail(f"ip {' '.join(words)}: {done.stderr}")
