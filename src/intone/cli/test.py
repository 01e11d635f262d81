"""`intone test`: let a trained run say what it has never heard, in several numbers of passes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ITERATIONS = (1, 4, 8, 16)


def test(
    run: Annotated[Path, typer.Argument(help="the run's folder, such as runs/story")],
    audio: Annotated[
        Path | None, typer.Option(help="a recording to test by, in place of the run's own")
    ] = None,
    transcription: Annotated[
        Path | None, typer.Option(help="what that recording says, and when: JSON")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="checkpoint: best, last or step=N")
    ] = None,
    iterations: Annotated[
        list[int] | None,
        typer.Option("--iterations", "-i", min=1, max=64, help="passes; may be repeated"),
    ] = None,
    sentences: Annotated[
        int, typer.Option("--sentences", "-n", min=1, help="held-out texts to speak at most")
    ] = 10,
    reference: Annotated[
        Path | None, typer.Option(help="a recording whose voice and style to speak in")
    ] = None,
    seed: Annotated[int, typer.Option(help="another seed speaks otherwise")] = 0,
) -> None:
    """Speak the held-out texts into RUN/test, and compare numbers of refining passes."""
    from intone.cli.export import export
    from intone.cli.held_out import held_out_texts, speak_at
    from intone.core.errors import SettingsError

    if (audio is None) != (transcription is None):
        raise SettingsError("one recording is --audio with its --transcription; give both")
    folder = run / "test"
    voice = run / "voice"
    if model is not None:
        voice = folder / f"voice-{model.replace('=', '-')}"
        export(run, voice, model, None, None)
    texts = held_out_texts(run, folder, audio, transcription)[:sentences]
    rows = speak_at(voice, texts, iterations or ITERATIONS, folder, reference=reference, seed=seed)
    print(f"{'passes':>6}  {'characters wrong':>16}  {'length':>6}  {'seconds a second':>16}")
    for row in rows:
        wrong = "-" if row.character_error is None else f"{row.character_error:.1%}"
        length = "-" if row.length is None else f"{row.length:.2f}"
        print(f"{row.passes:>6}  {wrong:>16}  {length:>6}  {row.seconds_a_second:>16.3f}")
    print(f"{len(texts)} held-out texts, beside what was recorded, in {folder}")
