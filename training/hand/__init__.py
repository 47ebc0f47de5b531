"""Trains the reader of hands. Needs the extra ``train``; nothing here runs when pages are read."""
