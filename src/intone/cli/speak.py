"""`intone speak`: text to speech."""
