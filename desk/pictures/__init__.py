"""Pictures of pages for people: upright, cut out, in tiles, at addresses that expire."""
