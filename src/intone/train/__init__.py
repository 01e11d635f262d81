"""One visible training loop for everything that learns."""
