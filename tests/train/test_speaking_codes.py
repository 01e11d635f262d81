"""From a corpus and a codec's run to a voice that speaks codes."""

from shutil import copytree

import numpy as np
import pytest
import torch

from intone.audio.files import write_audio
from intone.cli.main import main
from intone.codec.folder import CODEC_FILE
from intone.core.errors import SettingsError, VoiceError
from intone.core.files import read_json, write_json
from intone.core.types import Audio, Controls, Utterance
from intone.data.durations import Aligned, write_durations
from intone.data.prepare import prepare
from intone.data.prepared import PreparedCorpus
from intone.speech.rendering import in_pieces
from intone.speech.voice import Voice
from intone.text.characters import CharactersFrontend
from intone.train.coding import with_codebooks
from intone.train.recipes import read_recipe, resolve
from intone.train.run_folder import RunFolder
from intone.train.runs import train_from_settings, trained_model

FEW = [
    "train.steps=4", "train.save_every=4", "train.validate_every=4", "train.log_every=4",
    "train.device=cpu", "train.threads=1", "train.trackers=[csv]", "data.max_frames=400",
    "data.held_out=2", "data.spoken=1", "train.schedule=constant", "train.samples_every=4",
]  # fmt: skip


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Ten hums of two speakers, prepared and aligned evenly."""
    folder = tmp_path_factory.mktemp("corpus")
    utterances = []
    for number in range(10):
        path = folder / f"{number}.wav"
        time = np.arange(int(22_050 * (0.8 + 0.05 * number))) / 22_050
        tones = sum(np.sin(2 * np.pi * (110 + 60 * (number % 2)) * k * time) for k in range(1, 9))
        swell = 0.6 + 0.4 * np.sin(2 * np.pi * 3 * time)
        write_audio(path, Audio((0.05 * swell * tones).astype(np.float32), 22_050))
        utterances.append(
            Utterance(f"u{number}", "abc de"[: 4 + number % 3], path, "ab"[number % 2])
        )
    out = folder / "prepared"
    prepare(utterances, out, CharactersFrontend.learn(["abc de"]), workers=1)
    aligned = []
    for entry in PreparedCorpus(out).entries.values():
        ends = np.linspace(0, entry.frames, entry.symbols + 1).astype(np.int64)
        aligned.append(Aligned(entry.id, np.diff(ends), 0.0, ""))
    write_durations(out, aligned)
    labels = folder / "labels.tsv"
    lines = (f"u{number}\t{('calm', 'sad', 'sad')[number % 3]}\n" for number in range(10))
    labels.write_text("".join(lines), encoding="utf-8")
    assert main(["emotions", str(out), str(labels)]) == 0
    return out


@pytest.fixture(scope="module", params=[1, 3], ids=["one codebook", "three codebooks"])
def runs(corpus, tmp_path_factory, request):
    """A codec's run, and echolancer's, whose voice speaks through Griffin-Lim."""
    folder = tmp_path_factory.mktemp("runs")
    where = ["--corpus", str(corpus), "--preset", "tiny", "-o", str(folder)]
    codec = ["train", "codec", "--family", "mel-vq", "--run", "vq"]
    assert main([*codec, *where, *FEW, f"model.codebooks={request.param}"]) == 0
    given = ["train", "echolancer", "--run", "voice", "--vocoder", "griffin-lim"]
    felt = "model.emotion=true"
    assert main([*given, *where, *FEW, felt, f"data.codec={folder / 'vq'}"]) == 0
    return folder


def test_the_voice_speaks_and_knows_when(runs):
    voice = Voice.load(runs / "voice" / "voice")
    speech = voice.speak("abc de", controls=Controls(seed=3))
    assert speech.audio.sample_rate == 22_050
    assert len(speech.audio.samples) % 512 == 0
    assert np.isfinite(speech.audio.samples).all() and np.abs(speech.audio.samples).max() > 0
    assert [word.text for word in speech.words] == ["abc", "de"]
    assert speech.words[-1].end_seconds <= speech.audio.seconds + 1e-6
    again = voice.speak("abc de", controls=Controls(seed=3))
    assert np.array_equal(again.audio.samples, speech.audio.samples)
    slow = voice.speak("abc de", controls=Controls(speed=0.5))
    assert slow.audio.seconds > 1.3 * speech.audio.seconds


def test_without_torch_it_says_what_the_model_says(runs):
    from intone.export.onnx import in_bytes

    folder = RunFolder(runs / "voice")
    model = trained_model(resolve(read_recipe(folder.config)), folder.find("best"))
    in_bytes(model)
    voice = Voice.load(folder.voice)
    assert voice.engine.emotions == ("calm", "sad")
    ids = voice.frontend.symbols("abc de abc").ids
    symbols, lengths, likeliest = torch.from_numpy(ids)[None], len(ids), Controls(temperature=0.0)
    for engine, vector in ((voice.engine, [0.0, 0.0]), (voice.engine.feeling("sad"), [0.0, 1.0])):
        durations, parts = engine.stream(ids, 1, likeliest)
        made = model.generate(
            symbols,
            torch.tensor([lengths]),
            torch.tensor([1]),
            likeliest,
            emotion=torch.tensor([vector]),
        )
        assert durations.tolist() == made.durations[0].tolist()
        assert np.concatenate(list(parts)).tolist() == made.frames[0].tolist()


def test_samples_in_training_are_the_decoded_codes(runs):
    made = {path.suffix for path in (runs / "voice" / "samples").rglob("*.*")}
    assert ".wav" in made


def test_codes_in_pieces_equal_codes_at_once(runs):
    """The codec's decoder joins without a seam; a vocoder without context stands behind it."""
    voice = Voice.load(runs / "voice" / "voice")
    renderer = voice.renderer
    renderer._vocoder = Loudness()
    renderer.context_frames = renderer._context
    source = np.random.default_rng(0)
    codes = source.integers(renderer.format.codebook_size, size=(90, renderer.format.codebooks))
    whole = renderer.render(codes)
    pieces = list(in_pieces(renderer, codes, first_frames=5, most_frames=20))
    assert len(pieces) > 3
    assert np.abs(np.concatenate(pieces) - whole).max() < 1e-4


class Loudness:
    """Renders each mel frame as its mean."""

    context_frames = 0

    def passage(self):
        return lambda frames, first: np.repeat(frames.mean(axis=1), 256).astype(np.float32)


def test_a_codec_that_does_not_fit_is_an_error_when_the_voice_is_opened(runs, tmp_path):
    folder = tmp_path / "voice"
    copytree(runs / "voice" / "voice", folder)
    path = folder / "codec" / CODEC_FILE
    about = read_json(path)
    write_json(path, {**about, "format": {**about["format"], "codebook_size": 99}})
    with pytest.raises(VoiceError, match="codebook_size"):
        Voice.load(folder)
    (folder / "codec" / "decode.onnx").unlink()
    write_json(path, about)
    with pytest.raises(VoiceError, match=r"decode\.onnx"):
        Voice.load(folder)


def test_a_run_stays_with_its_codebooks_when_the_codec_gets_one_more(runs, tmp_path):
    folder = RunFolder(runs / "voice")
    learned = Voice.load(folder.voice).manifest.format.codebooks
    settings = read_recipe(folder.config)
    assert settings["data"]["codebooks"] == learned
    more = copytree(runs / "vq" / "codec", tmp_path / "more")
    about = read_json(more / CODEC_FILE)
    about["format"]["codebooks"] += 1
    write_json(more / CODEC_FILE, about)
    settings["data"]["codec"] = str(more)
    assert trained_model(resolve(settings), folder.find("best")).format.codebooks == learned
    # Whoever goes on with it gives the same command, which never told a number.
    del settings["data"]["codebooks"]
    assert with_codebooks(resolve(settings), folder).data.codebooks == learned
    assert with_codebooks(resolve(settings), None).data.codebooks == learned + 1


def test_without_a_codec_it_says_how_to_train_one(corpus, tmp_path):
    recipe = resolve({"family": "echolancer", "corpus": str(corpus), "preset": "tiny"}, FEW)
    with pytest.raises(SettingsError, match="intone train codec --family mel-vq"):
        train_from_settings(recipe, RunFolder(tmp_path / "run"))


def test_of_a_codec_the_first_codebooks_are_learned_and_spoken(corpus, tmp_path):
    where = ["--corpus", str(corpus), "--preset", "tiny", "-o", str(tmp_path)]
    assert main(["train", "codec", "--family", "small-codec", "--run", "all", *where, *FEW]) == 0
    given = ["train", "mamba-conv", *where, *FEW, f"data.codec={tmp_path / 'all'}"]
    assert main([*given, "--run", "two", "data.codebooks=2"]) == 0
    voice = Voice.load(tmp_path / "two" / "voice")
    codes = voice.codes("abc de", controls=Controls(seed=1))
    assert codes.format.codebooks == codes.values.shape[1] == 2
    speech = voice.speak("abc de", controls=Controls(seed=1))
    assert speech.audio.sample_rate == codes.format.sample_rate == 24_000
    assert np.isfinite(speech.audio.samples).all() and np.abs(speech.audio.samples).max() > 0
    two = RunFolder(tmp_path / "two")
    settings = read_recipe(two.config)
    # A checkpoint of it opens again, as for intone export.
    assert trained_model(resolve(settings), two.find("last")).format == codes.format
    settings["data"]["codebooks"] = 9
    with pytest.raises(SettingsError, match="data.codebooks=9, but the codec has 3"):
        train_from_settings(resolve(settings), RunFolder(tmp_path / "nine"))
