"""From the cells of a page to readings with a calibrated probability.

``crop`` cuts a cell out and takes rules and leaders away, ``blank`` says whether anything is
written there, ``recognizer`` reads, ``calibrate`` says how far to believe it.
"""
