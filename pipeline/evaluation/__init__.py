"""How good the records are: compared with ground truth, field by field.

``truth`` reads what the sample generator writes, ``compare`` pairs it with what was
digitized, ``figures`` counts, ``report`` shows the worst as pictures.
"""
