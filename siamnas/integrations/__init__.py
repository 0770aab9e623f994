"""siamnas inside other tools; each needs its own package."""
