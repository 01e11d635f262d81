"""What holds for all tests."""

from __future__ import annotations

import os

from hypothesis import settings

from intone.cli.main import TURNS_OF_WAITING

# Sums over several threads end in other last bits, and tests compare bits. Before numpy starts.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
os.environ.setdefault("GOMP_SPINCOUNT", TURNS_OF_WAITING)

# Beside a training, any example takes longer than a deadline.
settings.register_profile("intone", deadline=None)
settings.load_profile("intone")
