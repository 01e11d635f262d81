"""Text → symbols: frontends, and what they share. No torch."""

NOT_FAMILIES = frozenset({"frontend", "inventory", "layout", "merging", "sentences"})
"""Modules of this room that are not frontends."""
