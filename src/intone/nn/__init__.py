"""Building blocks that two families share. They take widths and counts, never settings."""
