"""The values that travel, in the order in which they come into being.

All are frozen; what crosses a process border or enters the database is plain data
(no arrays). Lengths are pixels, angles degrees, probabilities 0..1. Polygons run
clockwise from the top left corner. *Scan pixels* are pixels of the image as it was
handed over; *page pixels* those of the upright, deskewed page cut out of it.
"""

from pipeline.types.boxes import BookForm, Cell, EditKind, Layout, LayoutEdit, TickBox
from pipeline.types.results import (
    Crop,
    Decision,
    EntryResult,
    FieldResult,
    Finding,
    PageInfo,
    PlaceAnswer,
    PlaceCandidate,
    PlaceStatus,
    Reading,
    ScanResult,
    Severity,
    Value,
    ValueState,
    Word,
)
from pipeline.types.scans import (
    IDENTITY,
    BookSource,
    Grey,
    Kind,
    Matrix,
    PageClass,
    PageImage,
    PageSort,
    Point,
    Polygon,
    Quality,
    QualityFault,
    Scan,
    ScanRef,
    Side,
    Total,
)

__all__ = [
    "IDENTITY",
    "BookForm",
    "BookSource",
    "Cell",
    "Crop",
    "Decision",
    "EditKind",
    "EntryResult",
    "FieldResult",
    "Finding",
    "Grey",
    "Kind",
    "Layout",
    "LayoutEdit",
    "Matrix",
    "PageClass",
    "PageImage",
    "PageInfo",
    "PageSort",
    "PlaceAnswer",
    "PlaceCandidate",
    "PlaceStatus",
    "Point",
    "Polygon",
    "Quality",
    "QualityFault",
    "Reading",
    "Scan",
    "ScanRef",
    "ScanResult",
    "Severity",
    "Side",
    "TickBox",
    "Total",
    "Value",
    "ValueState",
    "Word",
]
