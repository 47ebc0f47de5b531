"""Who comes in, with what, and from where."""
