"""What holds for all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# Sums over several threads end in other last bits, and tests compare bits. Before numpy starts.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
# Two processes of tests share two cores: threads that wait must not keep a core from the other.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

# Beside a training, any example takes longer than a deadline.
settings.register_profile("intone", deadline=None)
settings.load_profile("intone")
