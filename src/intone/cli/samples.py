"""`.pt` samples into a prepared corpus and out of one, for `prepare` and `corpus samples`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from intone.core.errors import CorpusError, FormatError

if TYPE_CHECKING:
    from intone.codec.codes import SoundCodec
    from intone.core.types import FloatArray, IntArray
    from intone.data.prepare import PrepareReport


def holds_samples(folder: Path) -> bool:
    """Whether `folder` holds `.pt` samples, and no recordings beside which a model may lie."""
    from intone.corpus.readers import readers

    if not folder.is_dir() or not any(folder.glob("*.pt")):
        return False
    return not any(reader.recognises(folder) for reader in readers())


def prepare_sample_folder(
    folder: Path,
    out: Path,
    *,
    language: str | None = None,
    frontend: str | None = None,
    vocab_size: int | None = None,
    codec: str | None = None,
) -> PrepareReport:
    """Prepare the samples of `folder` into `out`; raises what `prepare_samples` raises.

    `codec` is a trained codec, or its run, where the samples hold its codes: those are decoded to
    mels, and kept beside them.
    """
    from intone.data.codes import write_part
    from intone.data.prepare_samples import codes_of, prepare_samples, texts_of
    from intone.data.prepared import PreparedCorpus
    from intone.text.frontend import build, default_name, is_learned, learn

    language = language or "en"
    texts = texts_of(folder)
    if not texts:
        raise CorpusError(f"no sample of {folder} can be read; a sample is a dict of tensors")
    ids = all(word.isdecimal() for text in texts for word in text.split())
    name = frontend or ("token-ids" if ids else default_name(language))
    options = {} if vocab_size is None else {"vocab_size": vocab_size}
    chosen = (
        learn(name, texts, language, **options)
        if is_learned(name)
        else build(name, language, **options)
    )
    if codec is None:
        return prepare_samples(folder, out, chosen)
    opened, fingerprint = _open(codec)
    report = prepare_samples(
        folder,
        out,
        chosen,
        decode=lambda values, voice: _decoded(opened, values, voice),
        codec=fingerprint,
    )
    corpus = PreparedCorpus(out)
    values, voices = codes_of(folder, corpus.entries)
    if values:
        write_part(corpus, fingerprint, values, voices)
    return report


def write_samples_of(
    corpus: Path, folder: Path, *, codec: str | None = None, ids: bool = False
) -> int:
    """Write the utterances of the prepared `corpus` as samples to `folder`; how many there were.

    Their mel is the frames, or the codes of the trained `codec`; their text is as written, or,
    with `ids`, the symbols' numbers. Emotions go along. Raises `CorpusError` if the folder
    holds samples already.
    """
    from intone.cli.corridor import shown
    from intone.core.protocols import Needs
    from intone.data.prepared import PreparedCorpus
    from intone.data.sample_files import SUFFIX, Sample, is_sample_folder, write_sample
    from intone.train.coding import code_corpus

    if is_sample_folder(folder):
        raise CorpusError(f"{folder} holds samples already; name an empty folder")
    prepared = PreparedCorpus(corpus)
    coded = None if codec is None else code_corpus(prepared, codec)
    with shown("writing samples") as progress:
        for number, key in enumerate(prepared.entries):
            (example,) = prepared.load([key], Needs())
            emotion: str | FloatArray | None = None
            if prepared.emotions is not None and key in prepared.emotions.rows:
                row = prepared.emotions.rows[key]
                named = row < len(prepared.emotions.names)
                emotion = prepared.emotions.names[row] if named else prepared.emotions.vectors[row]
            sample = Sample(
                example.symbols if ids else example.text,
                example.mel if coded is None else coded.values[key],
                prepared.speakers[example.speaker],
                emotion,
                None if coded is None else coded.voices.get(key),
            )
            write_sample(folder / f"{key.replace('/', '_')}{SUFFIX}", sample)
            progress(number + 1, len(prepared.entries))
    return len(prepared.entries)


def _open(codec: str) -> tuple[SoundCodec, str]:
    """A codec of mels, and its fingerprint."""
    from intone.codec.folder import find_codec, read_manifest
    from intone.codec.sounding import open_folder
    from intone.core.types import MEL_22K

    folder = find_codec(codec)
    about = read_manifest(folder)
    if about.sound is None:
        raise FormatError(f"samples hold codes of mels, but {codec} codes sound; take mel-vq")
    about.sound.require(MEL_22K, ours=f"the codec {codec}", theirs="a corpus of samples")
    return open_folder(folder), about.fingerprint


def _decoded(codec: SoundCodec, values: IntArray, voice: FloatArray | None) -> FloatArray:
    """Mel frames (G * stride, bands) of codes (G, K) in a `voice` (V), or in nobody's."""
    from intone.codec.codes import Codes

    samples = len(values) * codec.format.hop_samples
    return codec.render(Codes(values, codec.format, samples, codec.name, voice=voice))
