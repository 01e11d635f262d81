"""Codecs: samples ↔ codes, one file each. `codes`, `code_file` and `folder` do without torch."""

NOT_FAMILIES = frozenset({"code_file", "codes", "folder", "sounding"})
