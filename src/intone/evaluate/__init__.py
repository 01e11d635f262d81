"""Judges of speech, and the reports they fill."""
