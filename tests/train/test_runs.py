"""From a prepared corpus and a recipe to a finished run, with real data and tiny models."""

import numpy as np
import pytest
import torch

from intone.audio.files import read_audio, write_audio
from intone.cli.corridor import add_speaker_vectors
from intone.cli.finishing import choose_vocoder
from intone.cli.main import main
from intone.core.errors import CorpusError, FormatError, SettingsError, VoiceError
from intone.core.protocols import Needs
from intone.core.types import Audio, FrameFormat, Utterance
from intone.data.durations import Aligned, write_durations
from intone.data.prepare import prepare
from intone.data.prepared import PreparedCorpus
from intone.speech.manifest import SharedVocoder
from intone.text.characters import CharactersFrontend
from intone.train.checkpoint import read as read_checkpoint
from intone.train.checkpoint import voice_weights
from intone.train.material import utterances_of
from intone.train.recipes import resolve
from intone.train.run_folder import RunFolder
from intone.train.runs import check_by_heart, train_from_settings
from intone.train.trackers import read_metrics

FEW = [
    "train.steps=8", "train.save_every=4", "train.validate_every=4", "train.log_every=4",
    "train.device=cpu", "train.threads=1", "train.trackers=[csv]", "data.max_frames=400",
    "data.held_out=2", "train.schedule=constant", "train.samples_every=0",
]  # fmt: skip


def hum(seconds, hertz, seed):
    """A voice-like sound that swells and fades."""
    time = np.arange(int(22_050 * seconds)) / 22_050
    tones = sum(np.sin(2 * np.pi * hertz * k * time) / k for k in range(1, 12))
    noise = np.random.default_rng(seed).normal(size=len(time))
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * 3 * time)
    return (0.15 * swell * (tones + 0.05 * noise)).astype(np.float32)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Ten hums of two speakers, prepared and aligned evenly."""
    folder = tmp_path_factory.mktemp("corpus")
    utterances = []
    for number in range(10):
        path = folder / f"{number}.wav"
        sound = hum(0.8 + 0.05 * number, 110 + 60 * (number % 2), number)
        write_audio(path, Audio(sound, 22_050))
        text = "abc de"[: 4 + number % 3]
        utterances.append(Utterance(f"u{number}", text, path, "ab"[number % 2]))
    out = folder / "prepared"
    prepare(utterances, out, CharactersFrontend.learn(["abc de"]), workers=1)
    entries = PreparedCorpus(out).entries

    def even(entry):
        ends = np.linspace(0, entry.frames, entry.symbols + 1).astype(np.int64)
        return Aligned(entry.id, np.diff(ends), 0.0, "")

    write_durations(out, [even(entry) for entry in entries.values()])
    return out


def recipe(corpus, family="fastspeech2", room="acoustic", also=()):
    given = {"room": room, "family": family, "corpus": str(corpus), "preset": "tiny"}
    return resolve(given, [*FEW, *also])


def test_an_acoustic_run_leaves_samples_and_is_finished_with_its_best_weights(corpus, tmp_path):
    run, finished = RunFolder(tmp_path), []
    result = train_from_settings(
        recipe(corpus, also=["train.samples_every=8", "train.ema_decay=0.9"]),
        run,
        judge=lambda spoken, texts: {"cer": float(len(texts))},
        finish=lambda model, run: finished.append(model),
    )
    assert result.step == 8
    assert result.figures["cer"] == 2.0
    names = sorted(path.name for path in (tmp_path / "samples/step=8").iterdir())
    assert [name.split(".", 1)[1] for name in names[:3]] == ["recorded.png", "spoken.png", "wav"]
    assert len(names) == 6
    best = voice_weights(run.find("best"))
    assert all(torch.equal(v, best[name]) for name, v in finished[0].state_dict().items())
    assert not finished[0].training


def test_a_resumed_run_over_real_data_equals_one_that_never_stopped(corpus, tmp_path):
    train_from_settings(recipe(corpus), RunFolder(tmp_path / "whole"))
    train_from_settings(recipe(corpus, also=["train.steps=4"]), RunFolder(tmp_path / "cut"))
    train_from_settings(recipe(corpus), RunFolder(tmp_path / "cut"), resume="auto")
    whole, cut = (
        voice_weights(RunFolder(tmp_path / name).find("last")) for name in ("whole", "cut")
    )
    assert all(torch.equal(value, cut[name]) for name, value in whole.items())
    figures = [
        [
            row
            for row in read_metrics(tmp_path / name / "logs/metrics.csv")
            if "validation" in row[1]
        ]
        for name in ("whole", "cut")
    ]
    assert figures[0] == figures[1]


def test_a_vocoder_run_hands_over_the_generator_alone(corpus, tmp_path):
    finished = []
    result = train_from_settings(
        recipe(
            corpus, "vocos", "vocoder",
            also=["losses.warmup_steps=4", "train.samples_every=8", "train.watch=mel"],
        ),
        RunFolder(tmp_path),
        finish=lambda model, run: finished.append(model),
    )  # fmt: skip
    assert {"mel", "spectral", "adversarial", "critic"} <= set(result.figures)
    assert hasattr(finished[0], "render")
    sound = next((tmp_path / "samples/step=8").glob("*.wav"))
    assert len(read_audio(sound).samples) > 10_000


def test_fine_tuning_starts_where_the_other_run_ended(corpus, tmp_path):
    train_from_settings(recipe(corpus), RunFolder(tmp_path / "first"))
    still = ["train.learning_rate=1e-12", "train.steps=1"]
    train_from_settings(
        recipe(corpus, also=still), RunFolder(tmp_path / "second"), start=tmp_path / "first"
    )
    first = voice_weights(RunFolder(tmp_path / "first").find("best"))
    second = voice_weights(RunFolder(tmp_path / "second").find("last"))
    assert all(torch.allclose(second[name], value, atol=1e-6) for name, value in first.items())


def test_real_models_learn_a_handful_by_heart(corpus):
    steps = ["train.steps=60", "train.learning_rate=0.01", "train.schedule=cosine"]
    check = check_by_heart(recipe(corpus, also=steps), 2)
    assert check.after["loss"] < 0.5 * check.before["loss"]


def test_too_little_to_hold_out_is_an_error(corpus, tmp_path):
    with pytest.raises(CorpusError, match="cannot spare 10 for validation"):
        train_from_settings(recipe(corpus, also=["data.held_out=10"]), RunFolder(tmp_path))


def test_without_anything_held_out_it_trains_all_the_same(corpus, tmp_path):
    result = train_from_settings(recipe(corpus, also=["data.held_out=0"]), RunFolder(tmp_path))
    assert (result.step, result.best) == (8, None)


def test_intone_train_makes_a_voice_that_speaks(corpus, tmp_path, capsys):
    where = ["--corpus", str(corpus), "--preset", "tiny", "-o", str(tmp_path)]
    assert main(["train", "vocoder", *where, "--run", "v", *FEW]) == 0
    acoustic = ["train", "fastspeech2", *where, "--run", "a", "--vocoder", str(tmp_path / "v")]
    assert main([*acoustic, *FEW]) == 0
    assert "speak with it" in capsys.readouterr().out
    assert (
        main(["speak", "--voice", str(tmp_path / "a"), "abc", "-o", str(tmp_path / "x.wav")]) == 0
    )
    assert len(read_audio(tmp_path / "x.wav").samples) > 0
    assert main([*acoustic, *FEW]) == 1
    assert "go on with --resume auto" in capsys.readouterr().err


def test_intone_train_complains_before_it_trains(corpus, tmp_path, capsys):
    where = ["--corpus", str(corpus), "-o", str(tmp_path)]
    assert main(["train", "fastspeech2", *where, "train.stepps=3"]) == 2
    assert "did you mean 'steps'?" in capsys.readouterr().err
    assert main(["train", "fastspeech2", *where, "--vocoder", "nonesuch", *FEW]) == 1
    assert "'nonesuch'" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_vocoder_of_another_format_is_refused(tmp_path):
    (tmp_path / "v.onnx").touch()
    SharedVocoder(FrameFormat(sample_rate=24_000), "v.onnx", 7).write(tmp_path)
    manifest, graph = choose_vocoder(str(tmp_path))
    assert (manifest.file, manifest.context_frames, graph) == ("v.onnx", 7, tmp_path / "v.onnx")
    with pytest.raises(FormatError, match="sample_rate is 24000"):
        choose_vocoder(str(tmp_path), FrameFormat())
    with pytest.raises(VoiceError):
        choose_vocoder(str(tmp_path / "elsewhere"))


def test_utterances_over_the_frame_limit_are_left_out_and_reported(corpus, tmp_path, caplog):
    lengths = sorted(entry.frames for entry in PreparedCorpus(corpus).entries.values())
    limit = lengths[6]
    settings = recipe(corpus, also=[f"data.frame_limit={limit}"]).data
    with caplog.at_level("WARNING", logger="intone.train"):
        material = utterances_of(PreparedCorpus(corpus), Needs(durations=True), settings, 0)
    learned = [batch.frame_lengths for batch in material.batches.epoch(0, 0, 0)]
    assert max(int(batch.max()) for batch in learned) <= limit
    assert sum(len(batch) for batch in learned) == 7 - settings.held_out
    assert f"3 of 10 utterances are longer than data.frame_limit={limit}" in caplog.text


def test_a_frame_limit_that_leaves_nothing_is_an_error(corpus):
    settings = recipe(corpus, also=["data.frame_limit=3"]).data
    with pytest.raises(CorpusError, match=r"data\.frame_limit=3"):
        utterances_of(PreparedCorpus(corpus), Needs(), settings, 0)


def test_a_checkpoint_holds_its_settings_epoch_and_losses(corpus, tmp_path):
    run = RunFolder(tmp_path)
    train_from_settings(recipe(corpus, "kokoro-lstm"), run)
    saved = read_checkpoint(run.find("last"))
    assert saved.state.epoch > 0
    assert saved.state.config["model"]["channels"] == 32
    assert saved.state.losses["train/loss"] > 0
    assert saved.optimiser


def test_speakers_are_heard_once_by_the_encoder_that_is_asked_for(corpus, monkeypatch):
    asked = []

    def judge(name):
        asked.append(name)
        size = 4 if name == "resemblyzer" else 6
        return lambda audio: np.full(size, 0.5, np.float32)

    monkeypatch.setattr("intone.evaluate.speakers.speaker_judge", judge)
    add_speaker_vectors(PreparedCorpus(corpus), "resemblyzer", 4)
    add_speaker_vectors(PreparedCorpus(corpus), "resemblyzer", 4)
    assert asked == ["resemblyzer"]
    with pytest.raises(SettingsError, match=r"set model\.speaker_vector=6"):
        add_speaker_vectors(PreparedCorpus(corpus), "ecapa:folder", 4)
    add_speaker_vectors(PreparedCorpus(corpus), "ecapa:folder", 6)
    assert asked == ["resemblyzer", "ecapa:folder"]
    assert {len(v) for v in PreparedCorpus(corpus).facts().speaker_vectors} == {6}
