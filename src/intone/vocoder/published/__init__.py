"""Other people's vocoders: found by path or hub name, read by their layout, checked, built.

`layouts` knows the three layouts, `conventions` what a mel can differ in, `weight_norm` folds,
`hub` fetches. Nothing here unpickles more than tensors.
"""

from __future__ import annotations

from intone.vocoder.published.conventions import MelConvention, require_convention
from intone.vocoder.published.found import Published
from intone.vocoder.published.reading import is_published, published_vocoder, read_published

__all__ = [
    "MelConvention",
    "Published",
    "is_published",
    "published_vocoder",
    "read_published",
    "require_convention",
]
