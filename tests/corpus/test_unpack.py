from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from intone.core.errors import DownloadError
from intone.corpus.unpack import unpack

FILES = {"LJ/metadata.csv": b"a|b\n", "LJ/wavs/a.wav": b"sound" * 1_000, "LJ/empty": b""}


def tar(path: Path, mode: str, change: Callable[[tarfile.TarFile], None] | None = None) -> Path:
    with tarfile.open(path, mode) as packed:
        folder = tarfile.TarInfo("LJ")
        folder.type = tarfile.DIRTYPE
        packed.addfile(folder)
        for name, content in FILES.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            packed.addfile(entry, io.BytesIO(content))
        if change:
            change(packed)
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_tar_files_are_unpacked(tmp_path: Path, mode: str) -> None:
    told: list[tuple[int, int]] = []
    archive = tar(tmp_path / "corpus.archive", mode)
    target = unpack(archive, tmp_path / "out", lambda done, total: told.append((done, total)))
    assert contents(target) == FILES
    assert all(done <= total == archive.stat().st_size for done, total in told)
    assert told


def test_zip_files_are_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "corpus.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("LJ/", "")
        for name, content in FILES.items():
            packed.writestr(name, content)
    assert contents(unpack(tmp_path / "corpus.zip", tmp_path / "out")) == FILES


def test_an_interrupted_call_is_gone_on_with(tmp_path: Path) -> None:
    archive = tar(tmp_path / "corpus.tar", "w")
    begun = tmp_path / "out.part" / "LJ"
    begun.mkdir(parents=True)
    (begun / "metadata.csv").write_bytes(b"A|B\n")  # whole, of the right size: kept
    (begun / "wavs").mkdir()
    (begun / "wavs" / "a.wav").write_bytes(b"half")
    assert contents(unpack(archive, tmp_path / "out")) == {**FILES, "LJ/metadata.csv": b"A|B\n"}
    archive.unlink()
    unpack(archive, tmp_path / "out")  # already there


def entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type = kind
    made.linkname = link
    return made


@pytest.mark.parametrize(
    "harmful",
    [
        entry("../evil"),
        entry("LJ/../../evil"),
        entry("/evil"),
        entry("..\\evil"),
        entry("C:\\evil"),
        entry("../folder", tarfile.DIRTYPE),
        entry("LJ/link", tarfile.SYMTYPE, "/etc/passwd"),
        entry("LJ/link", tarfile.SYMTYPE, "metadata.csv"),
        entry("LJ/hard", tarfile.LNKTYPE, "LJ/metadata.csv"),
        entry("LJ/device", tarfile.CHRTYPE),
        entry("LJ/pipe", tarfile.FIFOTYPE),
    ],
    ids=lambda made: made.name,
)
def test_harmful_members_are_refused(tmp_path: Path, harmful: tarfile.TarInfo) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    archive = tar(tmp_path / "corpus.tar", "w", lambda packed: packed.addfile(harmful))
    with pytest.raises(DownloadError, match="not to be trusted"):
        unpack(archive, inside / "out")
    assert not (inside / "out").exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["corpus.tar", "inside"]
    assert [p.name for p in inside.iterdir()] == ["out.part"]


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "corpus.zip", "w") as packed:
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        packed.writestr(link, "/etc/passwd")
    with pytest.raises(DownloadError, match="link"):
        unpack(tmp_path / "corpus.zip", tmp_path / "out")


@pytest.mark.parametrize("mode", ["w:gz", "w:bz2", "w:xz"])
def test_a_damaged_archive_is_named(tmp_path: Path, mode: str) -> None:
    archive = tar(tmp_path / "corpus.archive", mode)
    archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    with pytest.raises(DownloadError, match=r"corpus\.archive"):
        unpack(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    archive.write_bytes(b"no archive at all" * 100)
    with pytest.raises(DownloadError, match="damaged"):
        unpack(archive, tmp_path / "out2")
