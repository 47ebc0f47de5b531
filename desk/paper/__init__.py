"""Papers to be printed and signed, as PDF: blocks in, bytes out, page breaks inside.

The one home of everything the desk prints: hand-over records, weekly reports, certificates.
"""

from desk.paper.blocks import (
    Block,
    Column,
    Facts,
    Heading,
    Letterhead,
    NewPage,
    Paragraph,
    Picture,
    Signature,
    Signatures,
    Table,
)
from desk.paper.drawing import make_pdf

__all__ = [
    "Block",
    "Column",
    "Facts",
    "Heading",
    "Letterhead",
    "NewPage",
    "Paragraph",
    "Picture",
    "Signature",
    "Signatures",
    "Table",
    "make_pdf",
]
