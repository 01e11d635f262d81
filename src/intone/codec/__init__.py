"""Codecs: samples ↔ codes, one file each. `codes` and `graphs` do without torch."""

NOT_FAMILIES = frozenset({"code_file", "codes", "folder", "graphs", "opening"})
