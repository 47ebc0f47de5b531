"""Measurements: what a page costs, here and elsewhere, in one run on one machine."""
