from __future__ import annotations

from pathlib import Path

import numpy as np

from intone.core.types import Audio
from intone.evaluate.demo_page import Sample, write_demo_page


def tone(rate: int) -> Audio:
    return Audio((0.3 * np.sin(np.arange(rate) / 20)).astype(np.float32), rate)


def page(path: Path, text: str, teacher: Audio | None) -> str:
    write_demo_page(
        path,
        title="<b>",
        about="all & sundry",
        samples=[Sample(text, tone(22_050), teacher)],
        figures=[("speed", "<1")],
        curves=None,
        command='say "a<b"',
    )
    return path.read_text(encoding="utf-8")


def test_what_is_written_cannot_break_the_page(tmp_path: Path) -> None:
    made = page(tmp_path / "index.html", "1 < 2 & <script>", tone(16_000))
    assert "<script>" not in made
    assert "1 &lt; 2 &amp; &lt;script&gt;" in made
    assert "all &amp; sundry" in made
    assert "<title>&lt;b&gt;</title>" in made
    assert "say &quot;a&lt;b&quot;" in made


def test_each_take_has_a_player_and_a_picture(tmp_path: Path) -> None:
    both = page(tmp_path / "both.html", "Hello.", tone(16_000))
    alone = page(tmp_path / "alone.html", "Hello.", None)
    assert [m.count("<audio controls") for m in (both, alone)] == [2, 1]
    assert [m.count("data:image/png;base64,") for m in (both, alone)] == [2, 1]
    assert "Its teacher" not in alone
