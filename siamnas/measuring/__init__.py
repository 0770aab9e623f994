"""`siamnas measure`: many architectures measured by several processes, into a table."""
