"""From what a contractor hands over to decoded scans of known quality.

``batch`` finds the books, ``store`` keeps the originals by their digest, ``load`` decodes one
scan, ``quality`` says whether it must be made again.
"""
