"""Which cores are ours: a container or a scheduler may leave a process few of the machine's."""

from __future__ import annotations

import os


def own_cores() -> list[int]:
    """The numbers of the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))
