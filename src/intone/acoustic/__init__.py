"""The families of acoustic models, one file each, and the aligner."""

NOT_FAMILIES = frozenset({"aligner", "alignment_path"})
