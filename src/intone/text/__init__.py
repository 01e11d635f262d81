"""Text → symbols: frontends, and what they share. No torch."""

NOT_FAMILIES = frozenset({"frontend", "inventory", "sentences"})
"""Modules of this room that are not frontends."""
