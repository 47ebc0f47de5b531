"""What all people of an office have corrected, learned together: ``hotich train``.

reviewed fields of all books → their ink and text → a part kept apart by era and hand → an
adapter over the base weights → compared with what is in force → switched to only if better.
The adapter serves every book that has none of its own.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace

from rapidfuzz.distance import Levenshtein

from flows.adapt import (
    Notice,
    check_ready,
    learn_in_own_child,
    quiet,
    taught_of,
)
from flows.adapters import AdapterFile, adapter_file, adapter_for, check_file, scan_adapter
from flows.inks import Taught
from flows.pool import PagePool
from flows.teaching import TOO_FEW, Lines, data_digest, learn_group, lines_of
from models import (
    AdapterRecord,
    AdapterState,
    Database,
    NewAdapter,
    adapters_in_force,
    load_book,
    reviewed_books,
    reviewed_fields,
    reviewed_in_all,
    save_adapters,
)
from pipeline.errors import WeightsError
from pipeline.evaluation.paired import Comparison, PairedLine, compare_readers
from pipeline.reading.hand.ctc import greedy
from pipeline.reading.hand.ink import InkLine
from pipeline.reading.hand.learn import Plan
from pipeline.reading.hand.naming import weights_name
from pipeline.reading.hand.net import Net, load_net
from pipeline.settings import Settings, load_thresholds

_PLAN = Plan(most_steps=6000)
"""As long as the seconds last: an office has more lines than a book."""
_LOTS = 1 << 32
_AT_ONCE = 64


@dataclass(frozen=True)
class OfficeTask:
    """What the office has to teach, as it travels to the learner.

    ``hands`` names the hand of each field; ``start`` is the office's adapter in force.
    """

    settings: Settings
    taught: tuple[Taught, ...]
    hands: tuple[str, ...]
    start: AdapterFile | None


@dataclass(frozen=True)
class OfficeLearned:
    """What came of it; ``compared`` is None where nothing was learned."""

    adapter: NewAdapter
    left_out: Counter[str]
    compared: Comparison | None = None


@dataclass(frozen=True)
class Trained:
    """What training came to. ``version`` of 0: there was too little to learn from."""

    books: int
    reviewed: int
    fields: int
    wanted: int
    """Fields below which an office is not learned."""
    left_out: Counter[str] = field(default_factory=Counter)
    adapter: NewAdapter | None = None
    compared: Comparison | None = None


def train_office(
    database: Database,
    settings: Settings,
    pool: PagePool,
    *,
    actor: str,
    dry: bool = False,
    notice: Notice = quiet,
) -> Trained:
    """Learn from the reviewed fields of all books; switch to it only where it reads better.

    Args:
        database: ours.
        settings: weights, home.
        pool: from ``open_pool``; cuts the ink out of the scans.
        actor: who asked, for the log.
        dry: only say what would be learned from.
        notice: called as it goes on.

    Raises:
        SetupError: this machine cannot learn (weights missing).
        StorageError: disk or database; nothing is half done.
    """
    limits = load_thresholds(settings.config).learning
    check_ready(settings)
    base = weights_name(settings.config, settings.hand_weights)
    books = reviewed_books(database)
    reviewed = reviewed_in_all(database)
    if reviewed < limits.office_fields:
        return Trained(len(books), reviewed, 0, limits.office_fields)
    taught: list[Taught] = []
    hands: list[str] = []
    left_out: Counter[str] = Counter()
    for book_id in books:
        book = load_book(database, book_id)
        fields = reviewed_fields(database, book_id)
        own, missing = taught_of(database, book, fields, settings, pool, notice)
        rows = adapters_in_force(database, book_id, base)
        taught += own
        hands += [_hand_name(one, rows) for one in own]
        left_out += missing
    found = Trained(len(books), reviewed, len(taught), limits.office_fields, left_out)
    if dry or len(taught) < limits.office_fields:
        return found
    chosen = _spread(len(taught), limits.office_lines)
    office = adapters_in_force(database, None, base)
    task = OfficeTask(
        settings,
        tuple(taught[n] for n in chosen),
        tuple(hands[n] for n in chosen),
        scan_adapter(0, (), office, settings),
    )
    notice("learn", 0, 1)
    learned = learn_in_own_child(learn_office, task, settings, limits.office_seconds)
    notice("learn", 1, 1)
    save_adapters(database, None, [learned.adapter], reviewed=reviewed, actor=actor)
    return replace(
        found,
        left_out=left_out + learned.left_out,
        adapter=learned.adapter,
        compared=learned.compared,
    )


def learn_office(task: OfficeTask) -> OfficeLearned:
    """Learn what an office has to teach, and compare; runs in a child of its own.

    Raises:
        WeightsError: the base weights cannot be used.
        StorageError: the adapter cannot be written.
    """
    settings = task.settings
    limits = load_thresholds(settings.config).learning
    base = load_net(settings.config, settings.hand_weights)
    present = _present(task, base)
    lines, left_out = lines_of(task.taught, lambda _: present)
    hand_of = {(t.entry, t.field): hand for t, hand in zip(task.taught, task.hands, strict=True)}
    held = [one for one in lines if held_back(one.taught.entry, limits.held_back)]
    shown = [one for one in lines if not held_back(one.taught.entry, limits.held_back)]
    if not held or len(shown) < limits.hand_fields:
        few = NewAdapter(
            AdapterState.SKIPPED, 0, (), base.card.name, None,
            data_digest(base.card.name, lines), len(lines), sum(len(x.examples) for x in lines),
            detail={"note": TOO_FEW, "left_out": dict(left_out)},
        )  # fmt: skip
        return OfficeLearned(few, left_out)
    adapter = learn_group(
        settings, base, shown, (), start=task.start, seconds=limits.office_seconds, plan=_PLAN
    )
    detail = {**adapter.detail, "left_out": dict(left_out), "held_back": len(held)}
    if adapter.digest is None:
        return OfficeLearned(replace(adapter, detail=detail), left_out)
    file = adapter_file(settings, adapter.digest)
    after = load_net(settings.config, settings.hand_weights, file.path)
    compared = compare_readers(_paired(held, hand_of, present, after))
    detail["compared"] = asdict(compared)
    adapter = replace(
        adapter,
        state=AdapterState.ACTIVE if compared.worth_it else AdapterState.ROLLED_BACK,
        before=round(compared.all.before, 5),
        after=round(compared.all.after, 5),
        detail=detail,
    )
    return OfficeLearned(adapter, left_out, compared)


def held_back(entry: str, share: float) -> bool:
    """Whether an entry is kept from learning: the same answer in every run, whatever is added."""
    lot = int.from_bytes(hashlib.sha256(f"held back {entry}".encode()).digest()[:4], "big")
    return lot < share * _LOTS


def _hand_name(one: Taught, rows: Sequence[AdapterRecord]) -> str:
    own = adapter_for(one.scan, rows)
    return f"{one.book}/{own.hand + 1}" if own else one.book


def _spread(count: int, most: int) -> list[int]:
    """At most so many numbers below ``count``, evenly."""
    if count <= most:
        return list(range(count))
    return [n * count // most for n in range(most)]


def _present(task: OfficeTask, base: Net) -> Net:
    """The net in force: with the office's adapter, if it can be used."""
    if task.start is None:
        return base
    try:
        path = check_file(task.start)
        return load_net(task.settings.config, task.settings.hand_weights, path)
    except WeightsError:
        return base


def _paired(
    held: Sequence[Lines], hands: dict[tuple[str, str], str], before: Net, after: Net
) -> list[PairedLine]:
    examples = [(one.taught, example) for one in held for example in one.examples]
    maps = [example.ink for _, example in examples]
    read = [_plain(net, maps) for net in (before, after)]
    return [
        PairedLine(
            taught.era,
            hands[taught.entry, taught.field],
            taught.entry,
            len(example.text),
            Levenshtein.distance(was, example.text),
            Levenshtein.distance(now, example.text),
        )
        for (taught, example), was, now in zip(examples, *read, strict=True)
    ]


def _plain(net: Net, maps: Sequence[InkLine]) -> list[str]:
    texts = []
    for at in range(0, len(maps), _AT_ONCE):
        for ink in net.posteriors(maps[at : at + _AT_ONCE]):
            codes = tuple(letter.code for letter in greedy(ink))
            texts.append(net.card.letters.text(codes).strip())
    return texts
