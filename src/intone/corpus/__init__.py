"""Other people's recordings as a manifest: readers, downloads, teachers, checks."""
