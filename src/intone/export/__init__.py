"""The formats of other runtimes."""
