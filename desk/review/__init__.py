"""What an operator sees of an entry: fields, candidates, meanings, conflicts."""
