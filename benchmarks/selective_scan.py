"""Time and memory of the selective scan, forward and backward, beside other ways of computing it.

    python benchmarks/selective_scan.py --threads 2

One layer of 192 channels, 384 inside, one sequence: ours; a plain loop over the definition in
place of our scan; the layer of `transformers` (its path without kernels). Memory is what
autograd keeps for the backward pass. Keep the machine idle: two threads wait for each other.
Writes `benchmarks/results/selective_scan.json`; the same command goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import time
from collections.abc import Callable
from typing import Any
from unittest import mock

import torch
from report import RESULTS, write_report
from torch import Tensor

from intone.nn import mamba
from intone.nn.selective_scan import scan, scan_in_order

CHANNELS, INNER, STATE = 192, 384, 16
LENGTHS = (256, 512, 1024, 2048, 4096)
HOPELESS_SECONDS = 20
"""What takes longer is not tried at twice the length: `transformers` grows faster than squared."""


def seconds(run: Callable[[Tensor], Tensor], length: int, budget_seconds: float) -> float:
    """Median seconds, forward and backward, of at least two takes, or one beyond the budget."""
    inputs = torch.randn(1, length, CHANNELS, requires_grad=True)
    takes: list[float] = []
    begun = time.perf_counter()
    while not takes or (time.perf_counter() - begun < budget_seconds and len(takes) < 30):
        start = time.perf_counter()
        run(inputs).square().mean().backward()
        takes.append(time.perf_counter() - start)
    return statistics.median(takes[1:] or takes)


def kept_megabytes(run: Callable[[Tensor], Tensor], length: int) -> float:
    """What autograd keeps of one forward pass."""
    kept: dict[int, int] = {}

    def pack(tensor: Tensor) -> Any:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        made = run(torch.randn(1, length, CHANNELS, requires_grad=True))
    assert made.requires_grad
    return sum(kept.values()) / 1e6


def difference() -> float:
    """Largest difference of the parallel form from the definition in float64, 1,000 steps."""
    torch.manual_seed(0)
    x, b, c = (torch.randn(2, 1000, *rest).double() for rest in ((4, 16), (STATE,), (STATE,)))
    dt = torch.nn.functional.softplus(torch.randn(2, 1000, 4).double())
    a = -torch.randn(4).double().exp()
    return float((scan(x, dt, a, b, c)[0] - scan_in_order(x, dt, a, b, c)[0]).abs().max())


def theirs() -> Callable[[Tensor], Tensor]:
    """The layer of `transformers`, which falls back to a loop where there are no kernels."""
    from transformers import MambaConfig
    from transformers.models.mamba.modeling_mamba import MambaMixer

    config = MambaConfig(
        hidden_size=CHANNELS, intermediate_size=INNER, state_size=STATE, num_hidden_layers=1
    )
    return MambaMixer(config, layer_idx=0).train()


def main() -> None:
    """Measure each length, print and write the rows."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--again", action="store_true", help="measure known lengths anew")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each measurement")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    layer = mamba.Mamba(CHANNELS, inner=INNER, state=STATE)
    other = theirs()

    def looped(inputs: Tensor) -> Tensor:
        with mock.patch.object(mamba, "scan", scan_in_order):
            made: Tensor = layer(inputs)
        return made

    kept = RESULTS / "selective_scan.json"
    rows: list[dict[str, Any]] = []
    before = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
    about = {"threads": options.threads, "torch": torch.__version__}
    if not options.again and about.items() <= before.items():
        rows = before["rows"]
    about["largest_difference_float64"] = difference()
    for length in LENGTHS[len(rows) :]:
        row: dict[str, Any] = {"length": length}
        for name, run in (("intone", layer), ("loop", looped), ("transformers", other)):
            if rows and (rows[-1][f"{name}_seconds"] or math.inf) > HOPELESS_SECONDS:
                row |= {f"{name}_seconds": None, f"{name}_kept_mb": None}
                continue
            row[f"{name}_seconds"] = round(seconds(run, length, options.seconds), 5)
            row[f"{name}_kept_mb"] = round(kept_megabytes(run, length), 2)
        for name in ("loop", "transformers"):
            took = row[f"{name}_seconds"]
            row[f"times_faster_than_{name}"] = took and round(took / row["intone_seconds"], 1)
        rows.append(row)
        print(json.dumps(row), flush=True)
        write_report("selective_scan", {**about, "rows": rows})


if __name__ == "__main__":
    main()
