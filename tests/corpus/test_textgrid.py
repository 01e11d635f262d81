from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intone.core.errors import CorpusError
from intone.corpus.textgrid import (
    Interval,
    format_textgrid,
    parse_textgrid,
    read_textgrid,
    write_textgrid,
)

SHORT = '''File type = "ooTextFile short"
"TextGrid"

0
1.5
<exists>
2
"IntervalTier"
"words"
0
1.5
2
0
0.7
"say ""it"""
0.7
1.5
""
"TextTier"
"clicks"
0
1.5
1
0.4
"tick 2 [3]"
'''

LONG = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 1.5
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "ann - phones"
        xmin = 0
        xmax = 1.5
        intervals: size = 2
        intervals [1]:
            xmin = 0
            xmax = 0.7
            text = "AH0"
        intervals [2]:
            xmin = 0.7
            xmax = 1.5
            text = "spn"
    item [2]:
        class = "TextTier"
        name = "clicks"
        xmin = 0
        xmax = 1.5
        points: size = 1
        points [1]:
            number = 0.4
            mark = "tick"
"""


def test_the_long_form_is_read() -> None:
    assert parse_textgrid(LONG) == {
        "ann - phones": [Interval(0, 0.7, "AH0"), Interval(0.7, 1.5, "spn")]
    }


def test_the_short_form_is_read() -> None:
    assert parse_textgrid(SHORT) == {
        "words": [Interval(0, 0.7, 'say "it"'), Interval(0.7, 1.5, "")]
    }


def test_praats_utf_16_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.TextGrid"
    path.write_text(LONG.replace("AH0", "ж"), encoding="utf-16")
    assert read_textgrid(path)["ann - phones"][0].text == "ж"


texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029"), max_size=12
)


@given(
    st.dictionaries(
        texts,
        st.lists(st.tuples(st.integers(1, 5_000), texts), min_size=1, max_size=6),
        min_size=1,
        max_size=3,
    )
)
def test_what_is_written_is_read_again(drawn: dict[str, list[tuple[int, str]]]) -> None:
    tiers = {}
    for name, intervals in drawn.items():
        now = 0.0
        tiers[name] = []
        for milliseconds, text in intervals:
            end = round(now + milliseconds / 1_000, 3)
            tiers[name].append(Interval(now, end, text))
            now = end
    read = parse_textgrid(format_textgrid(tiers))
    assert list(read) == list(tiers)
    for name, intervals in tiers.items():
        assert read[name][: len(intervals)] == intervals


def test_gaps_become_empty_intervals(tmp_path: Path) -> None:
    path = tmp_path / "a.TextGrid"
    tiers = {"words": [Interval(0.2, 0.5, "hi"), Interval(0.6, 0.9, "you")], "phones": []}
    write_textgrid(path, {**tiers, "phones": [Interval(0, 1.0, "x")]})
    assert read_textgrid(path)["words"] == [
        Interval(0, 0.2, ""),
        Interval(0.2, 0.5, "hi"),
        Interval(0.5, 0.6, ""),
        Interval(0.6, 0.9, "you"),
        Interval(0.9, 1.0, ""),
    ]


@pytest.mark.parametrize(
    "content", ["", "hello", LONG[: len(LONG) // 2], LONG.replace("IntervalTier", "OddTier")]
)
def test_what_is_no_textgrid_is_refused_by_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.TextGrid"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CorpusError, match=r"a\.TextGrid"):
        read_textgrid(path)


def test_overlapping_intervals_are_refused() -> None:
    with pytest.raises(CorpusError, match="overlaps"):
        format_textgrid({"words": [Interval(0, 0.5, "a"), Interval(0.4, 0.9, "b")]})
    with pytest.raises(CorpusError, match="lasts"):
        format_textgrid({"words": []})
