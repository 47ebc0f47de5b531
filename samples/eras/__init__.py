"""Books of every era: presses, clerks, page sorts and damage, beside the first four forms."""
