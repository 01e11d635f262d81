"""A code file gives back what was written, or says in one line why it cannot."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intone.codec.code_file import MAGIC, from_bytes, read_codes, to_bytes, write_codes
from intone.codec.codes import Codes, bits_of
from intone.core.errors import FormatError, IntoneError, SettingsError
from intone.core.types import code_format


@st.composite
def some_codes(draw):
    size = draw(st.integers(1, 70_000))
    codebooks = draw(st.integers(1, 9))
    frames = draw(st.integers(0, 40))
    hop = draw(st.integers(1, 600))
    format = code_format(
        sample_rate=draw(st.integers(1, 96_000)),
        hop_samples=hop,
        codebooks=codebooks,
        codebook_size=size,
    )
    values = np.random.default_rng(draw(st.integers(0, 99))).integers(0, size, (frames, codebooks))
    samples = frames * hop - draw(st.integers(0, hop - 1)) if frames else 0
    return Codes(values, format, samples, draw(st.text(max_size=20)), draw(st.text(max_size=9)))


@given(some_codes())
def test_what_was_written_is_read(codes):
    found = from_bytes(to_bytes(codes))
    assert np.array_equal(found.values, codes.values)
    assert found.values.dtype == np.int64
    same = (found.format, found.samples, found.codec, found.fingerprint)
    assert same == (codes.format, codes.samples, codes.codec, codes.fingerprint)


def example(frames=50, codebooks=4):
    format = code_format(
        sample_rate=24_000, hop_samples=320, codebooks=codebooks, codebook_size=1024
    )
    values = np.arange(frames * codebooks).reshape(frames, codebooks) * 7 % 1024
    return Codes(values, format, frames * 320 - 5, "small-codec", "abc")


def test_codes_are_packed_to_the_fewest_bits():
    one, two = len(to_bytes(example(400))), len(to_bytes(example(900)))
    assert two - one == 500 * 4 * 10 // 8
    assert [bits_of(n) for n in (1, 2, 3, 1000, 1024, 1025)] == [1, 1, 2, 10, 10, 11]


@given(st.integers(0, len(to_bytes(example())) - 1))
def test_a_file_cut_off_anywhere_is_an_error(end):
    with pytest.raises(FormatError) as error:
        from_bytes(to_bytes(example())[:end], where="a.itc")
    assert "a.itc" in str(error.value)
    assert "\n" not in str(error.value)


@given(st.integers(0, len(to_bytes(example())) - 1), st.integers(1, 255))
def test_a_flipped_byte_anywhere_is_an_error(place, change):
    data = bytearray(to_bytes(example()))
    data[place] ^= change
    with pytest.raises(FormatError):
        from_bytes(bytes(data))


@given(st.binary(max_size=200))
def test_foreign_bytes_are_an_error(data):
    with pytest.raises(FormatError, match="is no code file|cut off or damaged"):
        from_bytes(data)
    with pytest.raises(FormatError):
        from_bytes(MAGIC + data)


def test_a_header_that_promises_terabytes_makes_nothing(tmp_path):
    data = to_bytes(example()).replace(b'"frames":50', b'"frames":9999999999')
    with pytest.raises(FormatError):
        from_bytes(data)


def test_a_sound_file_given_by_mistake_is_told(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF....WAVE")
    with pytest.raises(FormatError, match=r"a\.wav is no code file.*intone codec encode"):
        read_codes(path)
    with pytest.raises(IntoneError, match="there is no file"):
        read_codes(tmp_path / "none.itc")


def test_files_are_whole(tmp_path):
    path = tmp_path / "a.itc"
    write_codes(path, example())
    assert np.array_equal(read_codes(path).values, example().values)
    assert [p.name for p in tmp_path.iterdir()] == ["a.itc"]


def test_the_first_codebooks_alone():
    few = example().first(2)
    assert few.values.shape == (50, 2)
    assert few.bits_per_second == pytest.approx(75 * 2 * 10)
    with pytest.raises(SettingsError, match="5 codebooks are asked for"):
        example().first(5)


@pytest.mark.parametrize(
    ("values", "samples", "message"),
    [
        (np.full((2, 4), 1024), 640, "not of codebooks of 1024"),
        (np.full((2, 4), -1), 640, "not of codebooks of 1024"),
        (np.zeros((2, 3), np.int64), 640, "are not of 4 codebooks"),
        (np.zeros((2, 4), np.int64), 641, "cannot hold 641 samples"),
        (np.zeros((2, 4), np.int64), 320, "cannot hold 320 samples"),
    ],
)
def test_codes_that_cannot_be_are_refused(values, samples, message):
    with pytest.raises(FormatError, match=message):
        Codes(values, example().format, samples, "x")
