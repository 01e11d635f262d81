"""The corpus as a model sees it: prepared shards and batches."""
