"""A headless Chromium that opens a page and gives back what has become of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)


def opened(page: Path, *, before: str = "", after: str = "") -> str:
    """The page's DOM once `before` has run ahead of its own scripts and `after` behind them."""
    written = page.read_text(encoding="utf-8")
    driven = page.with_name(f"driven-{page.name}")
    head, body = written.split("<body", 1)
    assert body.count("</body>") == 1
    body = body.replace("</body>", f"<script>{after}</script></body>")
    driven.write_text(
        f"{head.replace('</head>', f'<script>{before}</script></head>')}<body{body}",
        encoding="utf-8",
    )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [
            str(CHROMIUM),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
            f"--user-data-dir={profile}",
            "--dump-dom",
            driven.as_uri(),
        ]
        environment = {**os.environ, "HOME": profile}
        done = subprocess.run(
            command, capture_output=True, timeout=100, check=True, env=environment
        )
    return done.stdout.decode("utf-8")
