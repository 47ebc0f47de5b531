"""Numbers and pictures of the supervisor's pages; values in, values out."""
