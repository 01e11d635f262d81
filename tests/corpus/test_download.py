from __future__ import annotations

import errno
import hashlib
import http.server
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from intone.core.errors import DownloadError, SettingsError
from intone.corpus import download as downloading
from intone.corpus import known
from intone.corpus.download import download

CONTENT = bytes(range(256)) * 20_000  # 5 MB
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server:
    """Serves CONTENT on this computer, and breaks off as it is told to."""

    def __init__(self) -> None:
        self.content = CONTENT
        self.break_after: list[int] = []
        """Bytes after which each coming answer breaks off."""
        self.ranges = True
        self.statuses: list[int] = []
        """What to answer instead of the content, once each."""
        self.asked: list[str | None] = []
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                wanted = self.headers.get("Range")
                server.asked.append(wanted)
                if server.statuses:
                    self.send_error(server.statuses.pop(0))
                    return
                start = 0
                if wanted and server.ranges:
                    start = int(wanted.removeprefix("bytes=").rstrip("-"))
                    self.send_response(206)
                    total = len(server.content)
                    self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
                else:
                    self.send_response(200)
                body = server.content[start:]
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if server.break_after:
                    self.wfile.write(body[: server.break_after.pop(0)])
                    self.wfile.flush()
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                else:
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/corpus.tar"
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def server() -> Iterator[Server]:
    served = Server()
    yield served
    served.http.shutdown()
    served.http.server_close()


def fetch(server: Server, target: Path, **changes: Any) -> Path:
    wanted = {"size": len(CONTENT), "sha256": SHA256, "sleep": lambda seconds: None, **changes}
    return download(server.url, target, **wanted)


def test_a_file_is_fetched_once(server: Server, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    target = tmp_path / "new" / "corpus.tar"
    fetch(server, target, progress=lambda done, total: told.append((done, total)))
    assert target.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert told == sorted(told)
    fetch(server, target)
    assert len(server.asked) == 1
    assert [p.name for p in target.parent.iterdir()] == ["corpus.tar"]


def test_breaks_are_gone_on_from(server: Server, tmp_path: Path) -> None:
    server.break_after = [1_000_000, 500_000, 2_000_000]
    fetch(server, tmp_path / "corpus.tar")
    assert (tmp_path / "corpus.tar").read_bytes() == CONTENT
    assert server.asked[0] is None
    assert len(server.asked) == 4
    starts = [int(str(asked).removeprefix("bytes=").rstrip("-")) for asked in server.asked[1:]]
    assert starts == sorted(starts)
    assert starts[0] > 0


def test_a_later_call_goes_on_where_a_killed_one_was(server: Server, tmp_path: Path) -> None:
    (tmp_path / "corpus.tar.part").write_bytes(CONTENT[:3_000_000])
    fetch(server, tmp_path / "corpus.tar")
    assert server.asked == ["bytes=3000000-"]
    assert (tmp_path / "corpus.tar").read_bytes() == CONTENT


def test_a_server_without_ranges_is_asked_for_all_again(server: Server, tmp_path: Path) -> None:
    server.ranges = False
    server.break_after = [2_000_000]
    fetch(server, tmp_path / "corpus.tar")
    assert (tmp_path / "corpus.tar").read_bytes() == CONTENT


def test_a_stale_beginning_is_replaced(server: Server, tmp_path: Path) -> None:
    (tmp_path / "corpus.tar.part").write_bytes(b"x" * 2_000_000)
    fetch(server, tmp_path / "corpus.tar")
    assert (tmp_path / "corpus.tar").read_bytes() == CONTENT


@pytest.mark.parametrize(
    "served", [CONTENT[:-1] + b"\0", CONTENT + b"more"], ids=["another byte", "too long"]
)
def test_a_file_that_is_not_what_it_should_be_is_deleted(
    server: Server, tmp_path: Path, served: bytes
) -> None:
    server.content = served
    with pytest.raises(DownloadError):
        fetch(server, tmp_path / "corpus.tar")
    assert list(tmp_path.iterdir()) == []


def test_passing_troubles_are_waited_for_and_lasting_ones_are_not(
    server: Server, tmp_path: Path
) -> None:
    waits: list[float] = []
    server.statuses = [503, 429]
    fetch(server, tmp_path / "corpus.tar", sleep=waits.append)
    assert waits == [2.0, 4.0]
    server.statuses = [404]
    with pytest.raises(DownloadError, match="404"):
        fetch(server, tmp_path / "other.tar")
    assert len(server.asked) == 4


def test_a_server_that_gives_nothing_is_given_up(server: Server, tmp_path: Path) -> None:
    server.break_after = [1_000_000] + [0] * 20
    with pytest.raises(DownloadError, match="again to go on"):
        fetch(server, tmp_path / "corpus.tar")
    assert len(server.asked) == 6
    assert (tmp_path / "corpus.tar.part").stat().st_size > 0
    with pytest.raises(DownloadError, match="cannot be fetched"):
        download("http://127.0.0.1:9/x", tmp_path / "x", 1, SHA256, sleep=lambda seconds: None)


def test_only_the_web_is_fetched_from(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="https"):
        download("file:///etc/hosts", tmp_path / "x", 1, SHA256)


def test_a_full_disk_keeps_what_arrived(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = open

    class Full:
        def __init__(self, stream: Any) -> None:
            self.stream = stream

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None:
            self.stream.close()

        def seek(self, place: int) -> None:
            self.stream.seek(place)

        def write(self, block: bytes) -> None:
            if self.stream.tell() > 2_000_000:
                raise OSError(errno.ENOSPC, "No space left on device")
            self.stream.write(block)

    def limited(path: Path, mode: str) -> Any:
        return Full(real(path, mode)) if mode == "wb" else real(path, mode)

    monkeypatch.setattr(downloading, "open", limited, raising=False)
    with pytest.raises(DownloadError, match="No space left"):
        fetch(server, tmp_path / "corpus.tar")
    assert (tmp_path / "corpus.tar.part").stat().st_size > 2_000_000
    monkeypatch.undo()
    fetch(server, tmp_path / "corpus.tar")
    assert (tmp_path / "corpus.tar").read_bytes() == CONTENT


def test_known_corpora_are_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="did you mean 'ljspeech'"):
        known.fetch_corpus("LJ-speech", tmp_path)
    (tmp_path / "ljspeech" / "LJSpeech-1.1").mkdir(parents=True)
    assert known.fetch_corpus("LJSpeech", tmp_path) == tmp_path / "ljspeech" / "LJSpeech-1.1"
