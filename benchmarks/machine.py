"""The machine, and what processes on it use."""

import os
import platform
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

_MEGABYTE = 1024 * 1024


def describe() -> str:
    """One line: processor, cores, memory, system, Python."""
    memory = psutil.virtual_memory().total / 1024**3
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GB; {platform.system()} "
        f"{platform.release()}; Python {platform.python_version()}; load when it began "
        f"{os.getloadavg()[0]:.1f}"
    )


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def tree(pid: int) -> list[psutil.Process]:
    """A process and all below it."""
    with suppress(psutil.Error):
        top = psutil.Process(pid)
        return [top, *top.children(recursive=True)]
    return []


def processor_seconds(processes: Iterable[psutil.Process]) -> float:
    """Processor time of processes, and of those below them that have ended."""
    used = 0.0
    for process in processes:
        with suppress(psutil.Error):
            used += sum(process.cpu_times()[:4])
    return used


def memory(pid: int) -> tuple[float, float]:
    """Megabytes of one process: resident, and its alone."""
    with suppress(psutil.Error):
        found = psutil.Process(pid).memory_full_info()
        return found.rss / _MEGABYTE, found.uss / _MEGABYTE
    return 0.0, 0.0


def shared_out(processes: Iterable[psutil.Process]) -> float:
    """Megabytes of several processes, each shared page counted once (PSS)."""
    total = 0.0
    for process in processes:
        with suppress(psutil.Error, AttributeError):
            total += process.memory_full_info().pss / _MEGABYTE
    return total


def uses(pid: int, library: str) -> bool:
    """Whether a process has loaded a library."""
    with suppress(OSError):
        return library in Path(f"/proc/{pid}/maps").read_text()
    return False
