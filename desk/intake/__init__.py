"""From files in a contractor's browser to a batch in the queue."""
