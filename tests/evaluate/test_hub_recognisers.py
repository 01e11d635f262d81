"""Published recognisers are opened in their own layout and read as they must be."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers

from intone.audio.resampling import resample
from intone.core.errors import DownloadError, MissingExtra
from intone.core.types import Audio
from intone.evaluate.hub_recognisers import HubCTC, HubWhisper, windows

LETTERS = "|EATHL"
SOUND = Audio(np.random.default_rng(0).normal(0, 0.1, 22_050).astype(np.float32), 22_050)


def save_ctc(folder: Path) -> Path:
    """A wav2vec 2.0 with random weights, in the layout of a published one."""
    torch.manual_seed(0)
    model = transformers.Wav2Vec2ForCTC(
        transformers.Wav2Vec2Config(
            vocab_size=2 + len(LETTERS),
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=16,
            conv_dim=(8, 8),
            conv_stride=(40, 8),
            conv_kernel=(40, 8),
            num_feat_extract_layers=2,
            num_conv_pos_embeddings=4,
            num_conv_pos_embedding_groups=2,
            feat_extract_norm="layer",
            pad_token_id=0,
        )
    )
    # Random weights say one letter throughout; these let the sound have a say.
    model.lm_head.weight.data.normal_(0, 2)
    model.lm_head.bias.data[1] = -1_000
    model.save_pretrained(folder)
    vocabulary = {"<pad>": 0, "<unk>": 1} | {c: 2 + i for i, c in enumerate(LETTERS)}
    (folder / "words.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    transformers.Wav2Vec2Processor(
        transformers.Wav2Vec2FeatureExtractor(),
        transformers.Wav2Vec2CTCTokenizer(
            str(folder / "words.json"), bos_token=None, eos_token=None
        ),
    ).save_pretrained(folder)
    return folder


def save_whisper(folder: Path, says: str = "On 5 May") -> Path:
    """A Whisper that says `says`, whatever it hears, in the layout of a published one."""
    pieces = ["<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|ru|>", "<|transcribe|>"]
    pieces += ["<|translate|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"]
    letters = sorted(set(says.replace(" ", "Ġ")))
    vocabulary = {piece: i for i, piece in enumerate([*letters, *pieces])}
    model = transformers.WhisperForConditionalGeneration(
        transformers.WhisperConfig(
            vocab_size=len(vocabulary),
            d_model=64,
            encoder_layers=1,
            decoder_layers=1,
            encoder_attention_heads=2,
            decoder_attention_heads=2,
            encoder_ffn_dim=16,
            decoder_ffn_dim=16,
            max_target_positions=32,
            pad_token_id=vocabulary["<|endoftext|>"],
            bos_token_id=vocabulary["<|endoftext|>"],
            eos_token_id=vocabulary["<|endoftext|>"],
            decoder_start_token_id=vocabulary["<|startoftranscript|>"],
        )
    )
    # Places alone decide: the four of the prompt, of which the last says the first letter.
    decoder = model.model.decoder
    decoder.embed_tokens.weight.data = torch.eye(len(vocabulary), 64) * 10
    said = [vocabulary[c] for c in says.replace(" ", "Ġ")] + [vocabulary["<|endoftext|>"]]
    decoder.embed_positions.weight.data.zero_()
    for place, token in enumerate(said, start=3):
        decoder.embed_positions.weight.data[place, token] = 100.0
    for layer in decoder.layers:
        for part in (layer.self_attn.out_proj, layer.encoder_attn.out_proj, layer.fc2):
            part.weight.data.zero_()
            part.bias.data.zero_()
    model.generation_config = transformers.GenerationConfig(
        is_multilingual=True,
        lang_to_id={"<|en|>": vocabulary["<|en|>"], "<|ru|>": vocabulary["<|ru|>"]},
        task_to_id={
            "transcribe": vocabulary["<|transcribe|>"],
            "translate": vocabulary["<|translate|>"],
        },
        no_timestamps_token_id=vocabulary["<|notimestamps|>"],
        decoder_start_token_id=vocabulary["<|startoftranscript|>"],
        eos_token_id=vocabulary["<|endoftext|>"],
        pad_token_id=vocabulary["<|endoftext|>"],
        max_length=30,
    )
    model.save_pretrained(folder)
    tokenizer = transformers.WhisperTokenizer(
        vocab={c: i for i, c in enumerate(letters)}, merges=[], additional_special_tokens=pieces
    )
    transformers.WhisperProcessor(
        transformers.WhisperFeatureExtractor(), tokenizer
    ).save_pretrained(folder)
    return folder


def test_ctc_is_read_by_the_best_path(tmp_path: Path) -> None:
    folder = save_ctc(tmp_path)
    model = transformers.Wav2Vec2ForCTC.from_pretrained(folder).eval()
    samples = resample(SOUND.samples, SOUND.sample_rate, 16_000)
    samples = (samples - samples.mean()) / np.sqrt(samples.var() + 1e-7)
    with torch.inference_mode():
        best = model(torch.from_numpy(samples)[None]).logits[0].argmax(-1).tolist()
    runs = [token for token, _ in itertools.groupby(best)]
    wanted = "".join(LETTERS[token - 2] for token in runs if token >= 2).replace("|", " ")
    heard = HubCTC(str(folder)).hear(SOUND)
    assert len(set(heard)) > 3
    assert heard.split() == wanted.split()


def test_ctc_hears_a_sound_of_no_length(tmp_path: Path) -> None:
    HubCTC(str(save_ctc(tmp_path))).hear(Audio(np.zeros(1, np.float32), 16_000))


def test_whisper_is_told_the_language_and_its_figures_are_put_into_words(tmp_path: Path) -> None:
    folder = save_whisper(tmp_path)
    recogniser = HubWhisper(str(folder))
    heard = recogniser.hear(SOUND)
    assert "5" not in heard
    assert heard.lower() == recogniser.as_heard("On 5 May").lower()


def test_whisper_hears_all_of_a_long_sound(tmp_path: Path) -> None:
    recogniser = HubWhisper(str(save_whisper(tmp_path, "yes")), "en")
    long = Audio(np.zeros(16_000 * 70, np.float32), 16_000)
    assert recogniser.hear(long).split() == ["yes"] * 3


def test_windows_are_whole_and_cut_where_it_is_quiet() -> None:
    rate = 1_000
    loud = np.ones(75 * rate, np.float32)
    loud[25 * rate : 25 * rate + 300] = 0
    pieces = list(windows(loud, rate))
    assert np.array_equal(np.concatenate(pieces), loud)
    assert 25 * rate < len(pieces[0]) < 25 * rate + 300
    assert max(map(len, pieces)) <= 30 * rate


@pytest.mark.parametrize("kind", [HubCTC, HubWhisper])
def test_what_cannot_be_had_is_one_line(
    kind: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    for name in (str(tmp_path / "none"), "nobody/nothing"):
        with pytest.raises(DownloadError, match="cannot be had") as error:
            kind(name)
        assert "\n" not in str(error.value)


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "transformers", None)
    with pytest.raises(MissingExtra, match=r"intone\[hub\]"):
        HubCTC("any")
