"""A vocoder that learns from an acoustic model's mels, in step with the recordings."""

import numpy as np
import pytest
import torch

from intone.audio.files import write_audio
from intone.cli.main import main
from intone.core.errors import TrainingError
from intone.core.protocols import Needs
from intone.core.types import Audio, Utterance
from intone.data.durations import Aligned, write_durations
from intone.data.loader import in_order
from intone.data.prepare import prepare
from intone.data.prepared import PreparedCorpus
from intone.data.segments import SegmentBatches
from intone.text.characters import CharactersFrontend
from intone.train.checkpoint import voice_weights
from intone.train.predicted import predicted_in
from intone.train.recipes import resolve
from intone.train.run_folder import RunFolder
from intone.train.runs import train_from_settings, trained_model

FEW = [
    "train.steps=6", "train.save_every=3", "train.validate_every=3", "train.log_every=3",
    "train.device=cpu", "train.threads=1", "train.trackers=[csv]", "data.max_frames=400",
    "data.held_out=2", "train.schedule=constant", "train.samples_every=0",
]  # fmt: skip


def corpus_in(folder, texts="abc de", count=8):
    """Hums of two speakers, prepared and aligned evenly."""
    folder.mkdir(exist_ok=True)
    utterances = []
    for number in range(count):
        time = np.arange(int(22_050 * (0.7 + 0.05 * number))) / 22_050
        tones = sum(np.sin(2 * np.pi * (110 + 60 * (number % 2)) * k * time) for k in range(1, 9))
        noise = np.random.default_rng(number).normal(size=len(time))
        sound = (0.05 * (1 + np.sin(20 * time)) * (tones + 0.1 * noise)).astype(np.float32)
        path = folder / f"{number}.wav"
        write_audio(path, Audio(sound, 22_050))
        utterances.append(Utterance(f"u{number}", texts, path, "ab"[number % 2]))
    prepare(utterances, folder / "prepared", CharactersFrontend.learn([texts]), workers=1)

    def even(entry):
        ends = np.linspace(0, entry.frames, entry.symbols + 1).astype(np.int64)
        return Aligned(entry.id, np.diff(ends), 0.0, entry.fingerprint)

    entries = PreparedCorpus(folder / "prepared").entries.values()
    write_durations(folder / "prepared", [even(entry) for entry in entries])
    return folder / "prepared"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return corpus_in(tmp_path_factory.mktemp("corpus"))


def recipe(corpus, family="vocos", room="vocoder", also=()):
    given = {"room": room, "family": family, "corpus": str(corpus), "preset": "tiny"}
    return resolve(given, [*FEW, *also])


@pytest.fixture(scope="module")
def acoustic(corpus, tmp_path_factory):
    run = tmp_path_factory.mktemp("runs") / "acoustic"
    train_from_settings(recipe(corpus, "fastspeech2", "acoustic"), RunFolder(run))
    return run


def test_forced_frames_are_those_that_the_loss_is_of(corpus, acoustic):
    model = trained_model(
        recipe(corpus, "fastspeech2", "acoustic"), RunFolder(acoustic).find("best")
    )
    opened = PreparedCorpus(corpus)
    ids = opened.usable(model.needs)
    (batch,) = in_order(opened, ids, model.needs, max_frames=100_000)
    with torch.no_grad():
        forced, loss = model.forced(batch), model.losses(batch)["mel"]
    assert forced.shape == batch.mel.shape
    real = torch.arange(forced.shape[1]) < batch.frame_lengths[:, None]
    assert torch.allclose((forced - batch.mel).abs()[real].mean(), loss, atol=1e-5)


def test_half_of_the_segments_are_predicted_and_fit_their_sound(corpus):
    opened = PreparedCorpus(corpus)
    ids = list(opened.entries)
    mels = {e.id: e.mel for e in opened.load(ids, Needs())}
    # Three above the recording's own, so each segment tells which it is and whether it fits.
    predicted = {name: (mel + 3).astype(np.float16) for name, mel in mels.items()}
    plain = SegmentBatches(opened, ids, frames=16, count=5, seed=1)
    mixed = SegmentBatches(opened, ids, frames=16, count=5, seed=1, predicted=predicted)
    replaced, seen = 0, 0
    for epoch in range(6):
        for batch in mixed.epoch(1, epoch, 0):
            for mel, samples, name in zip(batch.mel, batch.samples, batch.ids, strict=True):
                whole = mels[name]
                gains = [
                    mel[:, 20:30].numpy() - whole[i : i + 16, 20:30] for i in range(len(whole) - 15)
                ]
                spread = [g.std() for g in gains]
                gain = float(np.median(gains[int(np.argmin(spread))]))
                assert min(spread) < 0.05, "the frames are those of no piece of the recording"
                replaced += gain > 1.0
                seen += 1
                assert samples.shape == (16 * 256,)
    assert 0.4 < replaced / seen < 0.6
    own = next(iter(plain.epoch(1, 0, 0)))
    again = next(iter(SegmentBatches(opened, ids, frames=16, count=5, seed=1).epoch(1, 0, 0)))
    assert torch.equal(own.mel, again.mel)


def test_predicted_mels_are_made_once_beside_the_run(corpus, acoustic, tmp_path):
    run = RunFolder(tmp_path / "v")
    train_from_settings(recipe(corpus), run, predicted_by=acoustic)
    mels = predicted_in(run.path / "predicted")
    entries = PreparedCorpus(corpus).entries
    assert {name: len(mel) for name, mel in mels.items()} == {
        name: entry.frames for name, entry in entries.items()
    }
    written = (run.path / "predicted" / "frames.npy").stat().st_mtime_ns
    more = recipe(corpus, also=["train.steps=7"])
    train_from_settings(more, run, resume="auto", predicted_by=acoustic)
    assert (run.path / "predicted" / "frames.npy").stat().st_mtime_ns == written


def test_a_run_with_predicted_mels_differs_and_resumes_exactly(corpus, acoustic, tmp_path):
    train_from_settings(recipe(corpus), RunFolder(tmp_path / "plain"))
    train_from_settings(recipe(corpus), RunFolder(tmp_path / "whole"), predicted_by=acoustic)
    train_from_settings(
        recipe(corpus, also=["train.steps=3"]), RunFolder(tmp_path / "cut"), predicted_by=acoustic
    )
    # The run knows its mels; the acoustic model need not be named again.
    train_from_settings(recipe(corpus), RunFolder(tmp_path / "cut"), resume="auto")
    plain, whole, cut = (
        voice_weights(RunFolder(tmp_path / name).find("last")) for name in ("plain", "whole", "cut")
    )
    assert all(torch.equal(value, cut[name]) for name, value in whole.items())
    assert any(not torch.equal(value, plain[name]) for name, value in whole.items())


def test_from_voice_starts_from_a_vocoder_and_learns_from_an_acoustic_model(
    corpus, acoustic, tmp_path
):
    where = ["--corpus", str(corpus), "--preset", "tiny", "--family", "vocos", "-o", str(tmp_path)]
    assert main(["train", "vocoder", *where, "--run", "first", *FEW]) == 0
    told = ["--run", "tuned", "--from-voice", str(acoustic), *FEW]
    assert main(["train", "vocoder", *where, *told]) == 0
    assert predicted_in(tmp_path / "tuned" / "predicted") is not None
    both = ["--from-voice", str(tmp_path / "first"), "--predicted-by", str(acoustic)]
    still = [*FEW, "train.learning_rate=1e-12", "train.steps=1"]
    assert main(["train", "vocoder", *where, "--run", "both", *both, *still]) == 0
    assert predicted_in(tmp_path / "both" / "predicted") is not None
    first = voice_weights(RunFolder(tmp_path / "first").find("best"))
    after = voice_weights(RunFolder(tmp_path / "both").find("last"))
    assert all(
        torch.allclose(after[name], value, atol=1e-6)
        for name, value in first.items()
        if value.is_floating_point()
    )


def test_what_cannot_be_predicted_is_refused(corpus, acoustic, tmp_path):
    with pytest.raises(TrainingError, match="no run of an acoustic model"):
        train_from_settings(recipe(corpus), RunFolder(tmp_path / "a"), predicted_by=tmp_path)
    with pytest.raises(TrainingError, match="are for vocoders"):
        train_from_settings(
            recipe(corpus, "fastspeech2", "acoustic"),
            RunFolder(tmp_path / "b"),
            predicted_by=acoustic,
        )
    other = corpus_in(tmp_path / "other", texts="abd fe", count=4)
    with pytest.raises(TrainingError, match="other symbols or speakers"):
        train_from_settings(recipe(other), RunFolder(tmp_path / "c"), predicted_by=acoustic)
