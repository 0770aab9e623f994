"""Loggers: where a result is reported besides its own folder."""
