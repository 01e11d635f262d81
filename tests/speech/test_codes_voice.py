"""A voice that speaks a codec's codes: its engine, its codec's decoder, and its emotions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from intone.audio.mel import mel_spectrogram
from intone.codec.code_file import read_codes
from intone.codec.folder import CODEC_FILE, DECODE_FILE, VOICE_FILE, CodecManifest
from intone.core.errors import VoiceError
from intone.core.files import read_json, write_json
from intone.core.types import MEL_22K, Audio, Conditions, Controls, code_format
from intone.evaluate.cost import disk_megabytes
from intone.speech import codes_engine
from intone.speech.codec_renderer import CodecRenderer
from intone.speech.codes_engine import CODES_AT_ONCE
from intone.speech.manifest import (
    CODEC_ALONE,
    CODES_ONNX,
    VocoderManifest,
    VoiceCodec,
    VoiceManifest,
    read_voice,
)
from intone.speech.rendering import in_pieces
from intone.speech.voice import Voice

SIZE, LETTER_CODES, STRIDE = 30, 3, 2
CODES = code_format(sample_rate=22_050, hop_samples=512, codebooks=1, codebook_size=SIZE)
FLOAT, INT = TensorProto.FLOAT, TensorProto.INT64


def save(path: Path, nodes: Any, inputs: Any, outputs: Any, constants: Any) -> None:
    """Inputs and outputs are (name, kind, shape), constants name → array."""
    path.parent.mkdir(exist_ok=True)
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info(*each) for each in inputs],
        [helper.make_tensor_value_info(*each) for each in outputs],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path
    )


def write_text(path: Path) -> None:
    """Hidden vectors of four equal numbers: symbol, speaker and emotion added up."""
    node = helper.make_node
    nodes = [
        node("Div", ["letter", "speed"], ["long"]),
        node("Round", ["long"], ["rounded"]),
        node("Cast", ["rounded"], ["each"], to=INT),
        node("Shape", ["symbols"], ["shape"]),
        node("Expand", ["each", "shape"], ["durations"]),
        node("Cast", ["symbols"], ["numbers"], to=FLOAT),
        node("Cast", ["speaker"], ["who"], to=FLOAT),
        node("Mul", ["emotion", "weights"], ["felt"]),
        node("ReduceSum", ["felt"], ["feeling"], keepdims=0),
        node("Add", ["numbers", "who"], ["named"]),
        node("Add", ["named", "feeling"], ["summed"]),
        node("Unsqueeze", ["summed", "two"], ["column"]),
        node("Mul", ["column", "four"], ["hidden"]),
        node("Unsqueeze", ["hidden", "front"], ["keys"]),
        node("Identity", ["keys"], ["values"]),
    ]
    save(
        path,
        nodes,
        [("symbols", INT, [1, "S"]), ("speaker", INT, [1]), ("speed", FLOAT, [1]),
         ("emotion", FLOAT, [1, 2])],
        [("hidden", FLOAT, [1, "S", 4]), ("durations", INT, [1, "S"]),
         ("keys", FLOAT, [1, 1, 1, "S", 4]), ("values", FLOAT, [1, 1, 1, "S", 4])],
        {
            "letter": np.array([LETTER_CODES], np.float32),
            "weights": np.array([[0.5, 7.0]], np.float32),
            "two": np.array([2], np.int64),
            "front": np.array([0, 1], np.int64),
            "four": np.full((1, 1, 4), 0.1, np.float32),
        },
    )  # fmt: skip


def write_step(path: Path) -> None:
    """Logits that are waves whose phase is all that the step is given, added up."""
    node = helper.make_node
    nodes = [
        node("Cast", ["code"], ["before"], to=FLOAT),
        node("Cast", ["where"], ["far"], to=FLOAT),
        *(node("ReduceSum", [name], [f"{name}_sum"], keepdims=0)
          for name in ("before", "told", "keys", "values", "text_keys", "text_values", "far")),
        node("Sum", ["before_sum", "told_sum", "keys_sum", "values_sum", "text_keys_sum",
                     "text_values_sum", "far_sum"], ["all"]),
        node("Mul", ["all", "rates"], ["phases"]),
        node("Sin", ["phases"], ["waves"]),
        node("Mul", ["waves", "scale"], ["logits"]),
        node("Slice", ["told", "zero", "four", "last"], ["some"]),
        node("Reshape", ["some", "one_key"], ["key"]),
        node("Neg", ["key"], ["value"]),
    ]  # fmt: skip
    cache = [1, 1, 1, "P", 4]
    text = [1, 1, 1, "W", 4]
    save(
        path,
        nodes,
        [("code", INT, [1, 1]), ("told", FLOAT, [1, 1, 6]), ("keys", FLOAT, cache),
         ("values", FLOAT, cache), ("text_keys", FLOAT, text), ("text_values", FLOAT, text),
         ("where", INT, ["W"])],
        [("logits", FLOAT, [1, SIZE + 1]), ("key", FLOAT, [1, 1, 1, 1, 4]),
         ("value", FLOAT, [1, 1, 1, 1, 4])],
        {
            "rates": np.linspace(0.3, 2.9, SIZE + 1, dtype=np.float32)[None],
            "scale": np.array([2.0], np.float32),
            "zero": np.array([0], np.int64),
            "four": np.array([4], np.int64),
            "last": np.array([2], np.int64),
            "one_key": np.array([1, 1, 1, 1, 4], np.int64),
        },
    )  # fmt: skip


def write_codec(folder: Path, *, sound: bool, voice: int = 0) -> None:
    """A convolution over three codes makes two mel frames of each, or its samples.

    Numbers of a `voice` are added up and lift each of these; whose voice frames are, their mean
    says.
    """
    node = helper.make_node
    width = 512 if sound else 80 * STRIDE
    kernel = np.random.default_rng(0).normal(0, 0.02, (width, 1, 3)).astype(np.float32)
    made = "samples" if sound else "frames"
    nodes = [
        node("Cast", ["codes"], ["numbers"], to=FLOAT),
        node("Transpose", ["numbers"], ["rows"], perm=[0, 2, 1]),
        node("Conv", ["rows", "kernel"], ["wide"], pads=[1, 1]),
        node("Transpose", ["wide"], ["groups"], perm=[0, 2, 1]),
        node("ReduceSum", ["voice"], ["lift"], keepdims=0)
        if voice
        else node("ReduceSum", ["shape"], ["unused"], keepdims=0),
        node("Add", ["groups", "lift"], ["lifted"])
        if voice
        else node("Identity", ["groups"], ["lifted"]),
        node("Reshape", ["lifted", "shape"], [made]),
    ]
    shape = [1, -1] if sound else [1, -1, 80]
    save(
        folder / DECODE_FILE,
        nodes,
        [("codes", INT, [1, "G", 1]), *([("voice", FLOAT, [1, voice])] if voice else [])],
        [(made, FLOAT, [1, "T"] if sound else [1, "F", 80])],
        {"kernel": kernel, "shape": np.array(shape, np.int64)},
    )
    CodecManifest(
        name="vq",
        family="mel-vq",
        format=CODES,
        features=MEL_22K,
        sound=None if sound else MEL_22K,
        stride=STRIDE,
        edge_frames=0,
        encode_context=1,
        decode_context=1,
        fingerprint="abc",
        voice=voice,
    ).write(folder)
    if voice:
        save(
            folder / VOICE_FILE,
            [
                node("ReduceMean", ["frames"], ["mean"], axes=[1, 2], keepdims=0),
                node("Mul", ["mean", "scale"], ["small"]),
                node("Expand", ["small", "size"], ["flat"]),
                node("Reshape", ["flat", "row"], ["voice"]),
            ],
            [("frames", FLOAT, [1, "F", 80])],
            [("voice", FLOAT, [1, voice])],
            {
                "scale": np.array([0.05], np.float32),
                "size": np.array([voice], np.int64),
                "row": np.array([1, voice], np.int64),
            },
        )


MakeCodesVoice = Callable[..., Path]


@pytest.fixture
def make_codes_voice(make_voice: Callable[..., Path]) -> MakeCodesVoice:
    def make(
        sound: bool = False,
        about: dict[str, Any] | None = None,
        voices: tuple[tuple[float, ...], ...] | None = None,
        **changes: Any,
    ) -> Path:
        if sound:
            changes["vocoder"] = VocoderManifest(file=CODEC_ALONE)
        given = {"format": CODES, "engine": CODES_ONNX, "acoustic": "acoustic.json", **changes}
        named = VoiceCodec(folder="codec", voices=voices)
        folder = make_voice("codes", codec=named, **given)
        write_text(folder / "text.onnx")
        write_step(folder / "step.onnx")
        write_codec(folder / "codec", sound=sound, voice=len(voices[0]) if voices else 0)
        np.savez(folder / "acoustic.npz", emotions=np.eye(2, dtype=np.float32))
        write_json(
            folder / "acoustic.json",
            {
                "begin": SIZE + 1, "codes": SIZE, "text_window": 2, "code_window": 5,
                "use_alibi": 1, "emotion_size": 2, "emotions": ["calm", "sad"], **(about or {}),
            },
        )  # fmt: skip
        return folder

    return make


@pytest.mark.parametrize("sound", [False, True])
def test_codes_become_sound_with_the_time_of_each_word(
    make_codes_voice: MakeCodesVoice, sound: bool
) -> None:
    voice = Voice.load(make_codes_voice(sound), threads=1)
    speech = voice.speak("good morning")
    # <s>, two words, </s>
    assert len(speech.audio.samples) == 13 * LETTER_CODES * CODES.hop_samples
    each = LETTER_CODES * CODES.hop_samples / 22_050
    assert [(w.text, w.start_seconds) for w in speech.words] == [
        ("good", pytest.approx(each)),
        ("morning", pytest.approx(5 * each)),
    ]
    assert np.abs(speech.audio.samples).max() > 0
    fast = voice.speak("good morning", controls=Controls(speed=3.0))
    assert len(fast.audio.samples) == 13 * CODES.hop_samples


def test_seed_temperature_speaker_and_emotion_are_heard(make_codes_voice: MakeCodesVoice) -> None:
    voice = Voice.load(make_codes_voice(), threads=1)

    def said(emotion: str | None = None, speaker: str = "ada", **controls: Any) -> bytes:
        made = voice.speak("good", Conditions(speaker, None, emotion), Controls(**controls))
        return made.audio.samples.tobytes()

    assert said(seed=1) == said(seed=1)
    assert said(seed=1) != said(seed=2)
    assert said(seed=1, temperature=0.0) == said(seed=2, temperature=0.0)
    assert len({said(temperature=0.0, emotion=e) for e in (None, "calm", "sad")}) == 3
    assert said(temperature=0.0) != said(temperature=0.0, speaker="ben")


def test_emotions_that_are_not_there_are_named(
    make_codes_voice: MakeCodesVoice, voice: Voice
) -> None:
    with pytest.raises(VoiceError, match="does not take an emotion"):
        voice.speak("good", Conditions(emotion="sad"))
    felt = Voice.load(make_codes_voice(), threads=1)
    with pytest.raises(VoiceError, match="did you mean 'sad'"):
        felt.speak("good", Conditions(emotion="saad"))
    with pytest.raises(VoiceError, match="reference"):
        felt.speak("good", Conditions(reference=voice.speak("good").audio))


def test_a_step_is_given_what_it_looks_at_and_no_more(
    make_codes_voice: MakeCodesVoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice = Voice.load(make_codes_voice(), threads=1)
    engine: Any = voice.engine
    run = engine.graph["step"].run
    fed: list[dict[str, Any]] = []
    monkeypatch.setattr(engine.graph["step"], "run", lambda given: fed.append(given) or run(given))
    durations, parts = engine.stream(np.arange(1, 8), 0, Controls())
    pieces = list(parts)
    codes = np.concatenate(pieces)[:, 0]
    assert [len(piece) for piece in pieces] == [
        CODES_AT_ONCE,
        CODES_AT_ONCE,
        21 - 2 * CODES_AT_ONCE,
    ]
    assert durations.tolist() == [3] * 7 and codes.min() >= 0 and codes.max() < SIZE
    assert [int(g["code"][0, 0]) for g in fed] == [SIZE + 1, *codes[:-1].tolist()]
    assert [g["keys"].shape[3] for g in fed] == [min(5, step) for step in range(21)]
    assert fed[0]["where"].tolist() == [0, 1, 2]
    assert fed[10]["where"].tolist() == [-2, -1, 0, 1, 2]
    assert fed[20]["where"].tolist() == [-2, -1, 0]
    assert all(len(g["where"]) == g["text_keys"].shape[3] for g in fed)


def test_pieces_join_without_a_seam(make_codes_voice: MakeCodesVoice) -> None:
    renderer = Voice.load(make_codes_voice(), threads=1).renderer
    # The codec's own context, and three more codes for the vocoder's six frames.
    assert renderer.context_frames == 4
    codes: Any = np.random.default_rng(0).integers(SIZE, size=(90, 1))
    whole = renderer.render(codes)
    pieces = list(in_pieces(renderer, codes, first_frames=5, most_frames=20))
    assert len(pieces) > 3 and len(whole) == 90 * 512
    assert np.abs(np.concatenate(pieces) - whole).max() < 1e-5


def test_parts_that_do_not_fit_are_errors_when_the_voice_is_opened(
    make_codes_voice: MakeCodesVoice,
) -> None:
    folder = make_codes_voice()
    whole = read_json(folder / "voice.json")
    about = read_json(folder / "codec" / CODEC_FILE)

    def fails(match: str) -> None:
        with pytest.raises(VoiceError, match=match):
            Voice.load(folder, threads=1)
        write_json(folder / "voice.json", whole)
        write_json(folder / "codec" / CODEC_FILE, about)

    write_json(
        folder / "codec" / CODEC_FILE, {**about, "format": {**about["format"], "codebook_size": 99}}
    )
    fails("codebook_size")
    write_json(folder / "codec" / CODEC_FILE, {**about, "sound": None})
    fails("no vocoder fits")
    write_json(folder / "voice.json", {**whole, "vocoder": {"file": CODEC_ALONE}})
    fails("name a vocoder")
    write_json(folder / "voice.json", {**whole, "codec": {"folder": "../elsewhere"}})
    fails("leads out")
    write_json(folder / "acoustic.json", {**read_json(folder / "acoustic.json"), "codes": 9})
    fails("other codes")
    (folder / "acoustic.json").unlink()
    fails("acoustic.json")


def test_codes_can_be_kept_and_say_the_same(
    make_codes_voice: MakeCodesVoice,
    voice: Voice,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from intone.cli.main import main
    from intone.speech.codes_engine import OnnxCodes

    folder = make_codes_voice()
    made = Voice.load(folder, threads=1)
    codes = made.codes("good", controls=Controls(seed=4))
    assert codes.format == CODES and codes.values.shape == (6 * LETTER_CODES, 1)
    heard = made.renderer.render(codes.values)  # type: ignore[arg-type]
    spoken = made.speak("good", controls=Controls(seed=4)).audio.samples
    assert np.allclose(heard[200:-200], spoken[200:-200], atol=1e-5)
    files = tmp_path / "good.itc", tmp_path / "good.wav"
    given = ["speak", "good", "--seed", "4", "--threads", "1", "--codes", str(files[0])]
    given += ["-o", str(files[1]), "--voice"]
    runs = []
    stream = OnnxCodes.stream
    monkeypatch.setattr(OnnxCodes, "stream", lambda *a: runs.append(1) or stream(*a))
    assert main([*given, str(folder)]) == 0
    assert np.array_equal(read_codes(files[0]).values, codes.values)
    assert len(runs) == 1  # what is kept is what was heard, not a second reading
    files[1].unlink()
    assert main([*given, "english"]) == 1 and not files[1].exists()
    assert "speaks no codes" in capsys.readouterr().err
    with pytest.raises(VoiceError, match="speaks no codes"):
        voice.codes("good")


@pytest.mark.parametrize("top_p", [0.3, 0.95, 1.0])
def test_what_is_drawn_does_not_depend_on_how_many_codes_are_sorted(
    make_codes_voice: MakeCodesVoice, monkeypatch: pytest.MonkeyPatch, top_p: float
) -> None:
    controls = Controls(seed=3, temperature=1.8, top_p=top_p)
    voice = Voice.load(make_codes_voice(), threads=1)
    drawn = []
    for count in (1, 4, SIZE):
        monkeypatch.setattr(codes_engine, "SORTED", count)
        drawn.append(voice.codes("good dad good", controls=controls).values)
    assert np.array_equal(drawn[0], drawn[2]) and np.array_equal(drawn[1], drawn[2])
    assert len(np.unique(drawn[0])) > 1


def test_the_manifest_keeps_the_codec(tmp_path: Path, make_codes_voice: MakeCodesVoice) -> None:
    made = read_voice(make_codes_voice())
    assert isinstance(made, VoiceManifest) and made.codec == VoiceCodec(folder="codec")
    replace(made, codec=None).write(tmp_path)
    assert read_voice(tmp_path).codec is None


def test_a_codec_that_voices_share_is_found_by_its_name_and_weights(
    make_codes_voice: MakeCodesVoice, voices_folder: Path
) -> None:
    folder = make_codes_voice()
    alone = Voice.load(folder, threads=1).speak("good", controls=Controls(seed=4)).audio.samples
    whole = disk_megabytes(folder)
    (voices_folder / "_codec").mkdir()
    (folder / "codec").rename(voices_folder / "_codec" / "common")
    told = read_voice(folder)
    replace(told, codec=VoiceCodec(shared="common", fingerprint="abc")).write(folder)
    shared = Voice.load(folder, threads=1).speak("good", controls=Controls(seed=4)).audio.samples
    assert np.array_equal(shared, alone)
    assert disk_megabytes(folder) == pytest.approx(whole, abs=0.01)
    replace(told, codec=VoiceCodec(shared="common", fingerprint="abd")).write(folder)
    with pytest.raises(VoiceError, match="'common' has other weights than the voice"):
        Voice.load(folder)
    for name in ("nowhere", "../_codec/common"):
        replace(told, codec=VoiceCodec(shared=name, fingerprint="abc")).write(folder)
        with pytest.raises(VoiceError, match="is not installed"):
            Voice.load(folder)
    about = read_json(folder / "voice.json")
    write_json(folder / "voice.json", {**about, "codec": {"shared": "common", "folder": "codec"}})
    with pytest.raises(VoiceError, match="needs either 'folder' or 'shared'"):
        Voice.load(folder)


def test_codes_that_leave_the_voice_unsaid_sound_in_the_speakers(
    make_codes_voice: MakeCodesVoice,
) -> None:
    folder = make_codes_voice(voices=((0.5, 0.25), (-0.5, -0.25)))
    voice = Voice.load(folder, threads=1)
    first, other = voice.speakers
    renderer: Any = voice.renderer
    codes = voice.codes("good", Conditions(other))
    assert codes.voice is not None and codes.voice.tolist() == [-0.5, -0.25]
    assert voice.codes("good").voice.tolist() == [0.5, 0.25]  # type: ignore[union-attr]
    heard = [renderer.speaking(n).render(codes.values) for n in (0, 1)]
    assert np.abs(heard[0] - heard[1]).max() > 1e-3
    spoken = voice.speak("good", Conditions(other)).audio.samples
    assert np.allclose(heard[1][200:-200], spoken[200:-200], atol=1e-5)
    # A recording's voice is what the codec hears in it; one that nothing was said of stays.
    clip = Audio(np.random.default_rng(0).normal(0, 0.1, 22_050).astype(np.float32), 22_050)
    mean = mel_spectrogram(clip.samples, MEL_22K).mean()
    assert np.allclose(renderer.hearing(clip).voice, np.clip(0.05 * mean, -1, 1), atol=1e-3)
    assert renderer.voice.tolist() == [0.5, 0.25]
    with pytest.raises(VoiceError, match="nothing says whose voice speaker 2 has"):
        renderer.speaking(2)
    # Where nothing is said of anybody, all sound as nobody.
    unsaid = CodecRenderer(folder / "codec", 1, renderer._vocoder)
    assert unsaid.speaking(1).voice.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("voices", "message"),
    [
        ([[0.1]], "takes 2 numbers of each speaker's voice"),
        ([[0.1, 0.2], [0.3]], "rows of numbers from -1 to 1"),
        ([[0.1, 3]], "rows of numbers from -1 to 1"),
        ([[0.1, "x"]], "rows of numbers from -1 to 1"),
        ([], "rows of numbers from -1 to 1"),
        ("loud", "rows of numbers from -1 to 1"),
    ],
)
def test_voices_that_are_none_are_told(
    make_codes_voice: MakeCodesVoice, voices: Any, message: str
) -> None:
    folder = make_codes_voice(voices=((0.5, 0.25), (-0.5, -0.25)))
    about = read_json(folder / "voice.json")
    write_json(folder / "voice.json", {**about, "codec": {"folder": "codec", "voices": voices}})
    with pytest.raises(VoiceError, match=message):
        Voice.load(folder)
