"""The words that every other folder uses. Nothing here imports torch."""
