"""How fast does `echolancer` say codes, beside the same decoder by `transformers`' generate?

    python benchmarks/echolancer_speed.py --threads 2

Preset laptop, untrained, since speed does not depend on what was learned: one text of 90
symbols, drawn at the usual temperature. The other is GPT-2 with cross-attention, of equal layers,
width, heads and vocabulary, over equally many encoded symbols. Writes
`benchmarks/results/echolancer_speed.json`: codes a second by the clock and by the processor's time,
which others at work on the machine do not change as much.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from report import write_report
from transformers import GPT2Config, GPT2LMHeadModel

from intone.acoustic.echolancer import FAMILY, Echolancer
from intone.core.protocols import CorpusFacts
from intone.core.settings import check
from intone.core.types import Controls, code_format
from intone.export.voice import write_model
from intone.speech.codes_engine import OnnxCodes

SYMBOLS, SIZE = 90, 4096
CODES = code_format(sample_rate=22_050, hop_samples=512, codebooks=1, codebook_size=SIZE)
RUNS = 3


def measured(say: Callable[[], int]) -> dict[str, float]:
    """The best of some runs of `say`, which returns how many codes it said."""
    say()
    by_clock, by_processor = 0.0, 0.0
    for _ in range(RUNS):
        began, worked = time.perf_counter(), time.process_time()
        count = say()
        by_clock = max(by_clock, count / (time.perf_counter() - began))
        by_processor = max(by_processor, count / (time.process_time() - worked))
    return {
        "codes_per_second": round(by_clock, 1),
        "codes_per_processor_second": round(by_processor, 1),
        "times_real_time": round(by_clock / CODES.frames_per_second, 2),
    }


def main() -> None:
    """Measure all three, print and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    threads = parser.parse_args().threads
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    facts = CorpusFacts(symbols=80, speakers=("a",), format=CODES)
    settings = check(FAMILY.settings, FAMILY.presets["laptop"], where="laptop")
    model = Echolancer(settings, facts).eval()
    with torch.no_grad():
        model.duration.out.bias.fill_(1.6)
    symbols = torch.randint(4, 80, (1, SYMBOLS))
    given = symbols, torch.tensor([SYMBOLS]), torch.tensor([0]), Controls()
    count = int(model.generate(*given).lengths[0])

    theirs = GPT2LMHeadModel(
        GPT2Config(
            vocab_size=SIZE + 3,
            n_positions=count + 8,
            n_embd=settings.channels,
            n_layer=settings.layers,
            n_head=settings.heads,
            n_inner=settings.hidden,
            add_cross_attention=True,
            bos_token_id=SIZE + 1,
            eos_token_id=None,
            pad_token_id=SIZE + 2,
        )
    ).eval()
    encoded = torch.randn(1, SYMBOLS, settings.channels)

    def by_transformers() -> int:
        made = theirs.generate(
            torch.tensor([[SIZE + 1]]),
            encoder_hidden_states=encoded,
            max_new_tokens=count,
            do_sample=True,
            temperature=0.7,
            top_p=0.95,
        )
        return made.shape[1] - 1

    with tempfile.TemporaryDirectory() as folder:
        _, file, _ = write_model(Path(folder), model, 80)
        engine = OnnxCodes(Path(folder), file, CODES, threads)
        figures = {
            "codes": count,
            "threads": threads,
            "without torch": measured(
                lambda: sum(map(len, engine.stream(symbols[0].numpy(), 0, Controls())[1]))
            ),
            "in torch": measured(lambda: int(model.generate(*given).lengths[0])),
            "transformers": measured(by_transformers),
        }
    write_report("echolancer_speed", figures)


if __name__ == "__main__":
    main()
