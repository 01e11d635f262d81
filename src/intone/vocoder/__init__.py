"""Vocoders: mel frames → samples, one file each."""

NOT_FAMILIES = frozenset({"discriminators", "griffin_lim", "published", "training"})
