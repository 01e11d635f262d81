"""`Graph`: one ONNX file, run by onnxruntime, whose every fault is one line. No torch."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from intone.core.cores import own_cores
from intone.core.errors import VoiceError


def default_threads() -> int:
    """`INTONE_THREADS`, or as many threads as there are cores for us, at most 4."""
    given = os.environ.get("INTONE_THREADS", "")
    if given:
        if not given.isdecimal() or int(given) < 1:
            raise VoiceError(f"INTONE_THREADS is {given!r}, but must be a whole number from 1 up")
        return int(given)
    return min(4, len(own_cores()))


KEPT_LENGTH = 1_024
"""Frames, codes or symbols that a piece of speech rarely exceeds."""


class Graph:
    """One ONNX file, opened; its inputs and outputs are checked against `inputs` and `outputs`.

    The memory of a run whose longest input has at most `kept_length` places is kept for the next
    run: fresh pages cost a tenth of the time of a vocoder.
    """

    def __init__(
        self,
        path: Path,
        inputs: tuple[str, ...],
        outputs: tuple[str, ...],
        threads: int,
        *,
        kept_length: int = 0,
    ) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise VoiceError(
                f"onnxruntime cannot be imported ({error}); install it again"
            ) from None

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.log_severity_level = 4
        # Lengths differ from sentence to sentence: a plan for one does not serve the next.
        options.enable_mem_pattern = False
        options.enable_cpu_mem_arena = kept_length > 0
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.path, self.outputs, self._kept_length = path, outputs, kept_length
        self._freeing = onnxruntime.RunOptions()
        self._freeing.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        try:
            self.session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        # onnxruntime's errors have no base of their own.
        except Exception as error:
            raise VoiceError(
                f"{path} cannot be opened as ONNX ({_first_line(error)}); copy or make it again"
            ) from None
        for kind, wanted, found in (
            ("inputs", inputs, {i.name for i in self.session.get_inputs()}),
            ("outputs", outputs, {o.name for o in self.session.get_outputs()}),
        ):
            if set(wanted) - found or (kind == "inputs" and found - set(wanted)):
                raise VoiceError(
                    f"{path} has the {kind} {', '.join(sorted(found))}, "
                    f"but must have {', '.join(wanted)}; export it again"
                )

    def run(self, feeds: Mapping[str, Any]) -> list[Any]:
        """The outputs, in the order of `outputs`; `VoiceError` if the graph fails."""
        freeing = self._freeing if self._kept_length and self._is_long(feeds) else None
        try:
            found: list[Any] = self.session.run(list(self.outputs), dict(feeds), freeing)
        except Exception as error:
            raise VoiceError(
                f"{self.path} failed ({_first_line(error)}); export it again"
            ) from None
        return found

    def _is_long(self, feeds: Mapping[str, Any]) -> bool:
        longest = max(max(np.shape(value), default=0) for value in feeds.values())
        return longest > self._kept_length


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines or [type(error).__name__])[0][:160]
