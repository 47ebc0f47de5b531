"""The reader of hands: a net that reads lines, and what belongs to it."""
