"""Phones are counted as they sound, by the language's own frontend."""

from __future__ import annotations

from intone.evaluate.phones import phone_edits, phones_of


def test_phones_have_neither_stress_nor_marks() -> None:
    assert phones_of("Wet, sand!", "en") == ["W", "EH", "T", "S", "AE", "N", "D"]
    assert phones_of("да", "ru") == ["d", "a"]


def test_what_sounds_the_same_is_no_error() -> None:
    assert phone_edits("I see the sea.", "i sea the see", "en-us").rate == 0


def test_errors_are_counted_in_phones() -> None:
    found = phone_edits("wet sand", "wet hand", "en")
    assert (found.substituted, found.skipped, found.added, found.length) == (1, 0, 0, 7)
    assert phone_edits("мама дома", "мама", "ru").skipped == 4


def test_what_cannot_be_spoken_has_no_phones() -> None:
    assert phones_of("", "en") == []
    assert phone_edits("wet", "...", "en").skipped == 3
