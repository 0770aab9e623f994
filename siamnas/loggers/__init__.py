"""Where a finished result is reported besides its own folder."""
