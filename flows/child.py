"""What the pool's children hold: the engine, loaded once; and the functions they are asked for."""

from __future__ import annotations

from flows.inks import inks_of
from flows.learning import LearningTask, learn
from flows.page import PageTask, Tools, digitize, load_tools
from flows.pool import PagePool
from pipeline.reading.hand.inks import Inks
from pipeline.settings import Settings
from pipeline.types import BookForm, ScanResult

_tools: Tools | None = None


def open_pool(settings: Settings) -> PagePool:
    """Children for pages, none started yet; one pool serves many books."""
    return PagePool(settings.workers, prepare_child, (settings,))


def prepare_child(settings: Settings) -> None:
    """Load the engine, once per child."""
    global _tools
    _tools = load_tools(settings)


def digitize_in_child(task: PageTask) -> ScanResult:
    """Digitize a scan with the child's tools."""
    return digitize(task, _loaded())


def learn_in_child(task: LearningTask) -> BookForm:
    """Learn a book's form with the child's tools."""
    return learn(task, _loaded())


def inks_in_child(task: PageTask) -> Inks:
    """Cut the handwriting out of a scan with the child's tools."""
    return inks_of(task, _loaded())


def _loaded() -> Tools:
    assert _tools is not None
    return _tools
