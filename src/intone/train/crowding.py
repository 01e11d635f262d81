"""Is there room for the threads of a training beside what else the machine does?"""

from __future__ import annotations

import logging

import psutil
import torch
from accelerate import Accelerator

from intone.core.cores import own_cores

log = logging.getLogger("intone.train")

LISTENED_SECONDS = 0.3
"""How long others are watched; this process waits meanwhile, and counts for nothing."""


def cores_of_others() -> float:
    """How many of this process' cores other programs keep busy just now."""
    loads = psutil.cpu_percent(LISTENED_SECONDS, percpu=True)
    return sum(loads[core] for core in own_cores() if core < len(loads)) / 100


def warn_if_crowded(accelerator: Accelerator) -> None:
    """Warn where a training on the CPU has more threads than there are cores free.

    Its threads wait for one another thousands of times a step. One that another program keeps
    from its core holds up all of them, and while they wait they turn in circles: two threads
    then learn at half the pace of one.
    """
    threads = torch.get_num_threads()
    if accelerator.device.type != "cpu" or accelerator.num_processes > 1 or threads == 1:
        return
    cores, busy = len(own_cores()), cores_of_others()
    room = max(1, round(cores - busy))
    if room < threads:
        log.warning(
            "other programs keep %.1f of %d cores busy, and %d threads that wait for one another "
            "are slow beside them: if that lasts, stop and go on with train.threads=%d, or with "
            "OMP_NUM_THREADS=%d before the command",
            busy, cores, threads, room, room,
        )  # fmt: skip
