"""From reviewed fields to an adapter: the texts found in the ink, the hands told apart, learned.

Runs in a child of its own, because learning takes minutes and memory; nothing here knows the
database.
"""

from __future__ import annotations

import hashlib
import logging
import math
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from flows.adapters import SUFFIX, AdapterFile, adapter_file, check_file
from flows.inks import Taught
from models import AdapterState, NewAdapter
from pipeline.errors import WeightsError
from pipeline.reading.hand.adapter import Adapter, read_adapter, write_adapter
from pipeline.reading.hand.ctc import greedy
from pipeline.reading.hand.examples import Example
from pipeline.reading.hand.hands import tell_apart
from pipeline.reading.hand.inks import unpacked
from pipeline.reading.hand.known import Known, absurd_from, agreed, best_matches
from pipeline.reading.hand.learn import Learned, Plan, learn_hand
from pipeline.reading.hand.look import line_features
from pipeline.reading.hand.net import Net, load_net
from pipeline.reading.hand.rehearsal import load_rehearsal
from pipeline.scan.store import storage_errors
from pipeline.settings import Settings, load_thresholds
from pipeline.values.known import texts_in_manners
from pipeline.values.manner import style_of

log = logging.getLogger("hotich.flows")

_PLAN = Plan()
_ENTRIES_TO_JUDGE = 40
_AT_ONCE = 48
"""Fields whose posteriors are held at a time."""

NOTHING_NEW = "nothing new"
TOO_FEW = "too few"
NO_TEXT = "no_text"
"""None of the ways to write the value fits the ink."""


@dataclass(frozen=True)
class Lines:
    """The lines of a field: its ink with the text found in it."""

    taught: Taught
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class BookTask:
    """What a book has to teach, as it travels to the learner.

    ``starts`` are adapters in force by scan number (0: the office's), from which learning goes
    on; ``old`` are fields of other books, against forgetting.
    """

    settings: Settings
    taught: tuple[Taught, ...]
    old: tuple[Taught, ...]
    starts: Mapping[int, AdapterFile]
    known: frozenset[str] = frozenset()
    """Data digests of earlier attempts."""
    dry: bool = False


@dataclass(frozen=True)
class BookLearned:
    """What came of it: one a hand; nothing in a dry run."""

    base: str
    fields: int
    lines: int
    hands: int
    left_out: Counter[str]
    learned: tuple[NewAdapter, ...]


def learn_book_hands(
    task: BookTask, progress: Callable[[float], None] | None = None
) -> BookLearned:
    """Learn the hands of a book, an adapter each that has enough of its own, or one for all.

    Args:
        task: what there is to learn from.
        progress: called with the share done.

    Raises:
        WeightsError: the base weights cannot be used.
        StorageError: an adapter cannot be written.
    """
    settings = task.settings
    limits = load_thresholds(settings.config).learning
    net = load_net(settings.config, settings.hand_weights)
    lines, left_out = lines_of(task.taught, _nets(task, net))
    hands = hands_of(lines, net) if len(lines) >= limits.hand_fields else [0] * len(lines)
    groups = grouped(lines, hands, limits.hand_fields)
    found = BookLearned(
        net.card.name,
        len(lines),
        sum(len(one.examples) for one in lines),
        len(set(hands)),
        left_out,
        (),
    )
    if task.dry:
        return found
    same = all(data_digest(net.card.name, group.lines) in task.known for group in groups)
    if same or len(lines) < limits.hand_fields:
        note = NOTHING_NEW if groups and same else TOO_FEW
        skipped = NewAdapter(
            AdapterState.SKIPPED, 0, (), net.card.name, None, data_digest(net.card.name, lines),
            len(lines), found.lines, detail={"left_out": dict(left_out), "note": note},
        )  # fmt: skip
        return replace(found, learned=(skipped,))
    old = [one for lines in lines_of(task.old, lambda _: net)[0] for one in lines.examples]
    # An office's first books have no others to learn from: what comes with the weights fills up.
    old += load_rehearsal(settings.config)[: max(0, limits.old_lines - len(old))]
    learned = []
    for n, group in enumerate(groups):

        def done(share: float, n: int = n) -> None:
            if progress:
                progress((n + share) / len(groups))

        one = learn_group(
            settings, net, group.lines, old, start=_start(task, group),
            seconds=limits.seconds, progress=done,
        )  # fmt: skip
        detail = {**one.detail, "left_out": dict(left_out), "hands": found.hands}
        learned.append(replace(one, hand=n, scans=group.scans, detail=detail))
    return replace(found, learned=tuple(learned))


# --- from fields to lines -----------------------------------------------------------------------


def lines_of(
    taught: Sequence[Taught], net_of: Callable[[Taught], Net]
) -> tuple[list[Lines], Counter[str]]:
    """The text as it is written in each field, and how many fields were left out by reason.

    Capitals are judged over all fields of one name in a book (``known.agreed``).

    Args:
        taught: fields with the values that a person has set.
        net_of: the net that judges a field.
    """
    by_net: dict[int, tuple[Net, list[int]]] = {}
    for n, one in enumerate(taught):
        net = net_of(one)
        by_net.setdefault(id(net), (net, []))[1].append(n)
    found: dict[int, Mapping[str, Known]] = {}
    for net, own in by_net.values():
        for at in range(0, len(own), _AT_ONCE):
            numbers = own[at : at + _AT_ONCE]
            found.update(zip(numbers, _judged([taught[n] for n in numbers], net), strict=True))
    alike: dict[tuple[str, str], list[int]] = defaultdict(list)
    for n, one in enumerate(taught):
        alike[one.book, one.field].append(n)
    known: dict[int, Known | None] = {}
    for own in alike.values():
        known.update(zip(own, agreed([found[n] for n in own]), strict=True))
    limit = absurd_from([one.deficit for one in known.values() if one])
    lines = [
        Lines(one, _examples(one, text))
        for n, one in enumerate(taught)
        if (text := known[n]) is not None and text.deficit <= limit
    ]
    missing = len(taught) - len(lines)
    return lines, Counter({NO_TEXT: missing} if missing else {})


def _examples(one: Taught, known: Known) -> tuple[Example, ...]:
    return tuple(
        Example(unpacked(row), text, one.entry)
        for row, text in zip(one.rows, known.lines, strict=True)
    )


def _judged(taught: Sequence[Taught], net: Net) -> Iterator[Mapping[str, Known]]:
    """What may stand in each field by its manner of capitals, by the net's judgement."""
    answers = iter(net.posteriors([unpacked(row) for one in taught for row in one.rows]))
    letters = net.card.letters
    for one in taught:
        inks = [next(answers) for _ in one.rows]
        plain = " ".join(
            letters.text(tuple(letter.code for letter in greedy(ink))).strip() for ink in inks
        )
        texts = texts_in_manners(one.field, one.value, (one.literal, plain), one.context)
        yield best_matches(inks, letters, texts, style_of)


# --- hands --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Group:
    """Lines learned from together, and the scans that are read with what they teach."""

    lines: list[Lines]
    scans: tuple[int, ...]


def hands_of(lines: Sequence[Lines], net: Net) -> list[int]:
    """The hand that wrote each field, from 0; an entry is in one hand."""
    examples = [example for one in lines for example in one.examples]
    told = tell_apart(
        line_features(net, [example.ink for example in examples]),
        [example.entry for example in examples],
    )
    of_entry = {example.entry: hand for example, hand in zip(examples, told, strict=True)}
    return [of_entry[one.taught.entry] for one in lines]


def grouped(lines: Sequence[Lines], hands: Sequence[int], least: int) -> list[Group]:
    """A group a hand that has ``least`` fields; the small hands share what all of them teach."""
    of_hand: dict[int, list[Lines]] = defaultdict(list)
    for one, hand in zip(lines, hands, strict=True):
        of_hand[hand].append(one)
    large = [own for _, own in sorted(of_hand.items()) if len(own) >= least]
    small = [one for own in of_hand.values() if len(own) < least for one in own]
    groups = [Group(own, _scans(own)) for own in large]
    if small:
        groups.append(Group(list(lines), _scans(small)))
    return groups


def _scans(lines: Sequence[Lines]) -> tuple[int, ...]:
    return tuple(sorted({one.taught.scan for one in lines}))


# --- learning -----------------------------------------------------------------------------------


def learn_group(
    settings: Settings,
    net: Net,
    lines: Sequence[Lines],
    old: Sequence[Example],
    *,
    start: AdapterFile | None,
    seconds: float,
    progress: Callable[[float], None] | None = None,
    plan: Plan = _PLAN,
) -> NewAdapter:
    """Learn from some lines; the adapter's file is written where it helps.

    An error of the learner's own ends as a failed attempt: a book is never held up by it.

    Raises:
        StorageError: the file cannot be written.
    """
    began = time.process_time()
    examples = _to_judge(lines)
    digest, note, learned = None, "", None
    state = AdapterState.FAILED
    try:
        learned = learn_hand(
            settings.config,
            settings.hand_weights,
            examples,
            old,
            seconds=seconds,
            start=read_start(start, net.card.digest),
            progress=progress,
            plan=plan,
        )
        state, note = AdapterState.ROLLED_BACK, learned.note
    except Exception as error:
        log.warning("learning failed", exc_info=error)
        note = f"{type(error).__name__}: {error}"
    if learned is not None and learned.adapter is not None:
        digest = keep(learned.adapter, settings)
        state = AdapterState.ACTIVE
    return NewAdapter(
        state=state,
        hand=0,
        scans=(),
        base=net.card.name,
        digest=digest,
        data_digest=data_digest(net.card.name, lines),
        fields=len(lines),
        lines=len(examples),
        before=_figure(learned, "before"),
        after=_figure(learned, "after"),
        seconds=round(time.process_time() - began, 1),
        detail={
            "note": note,
            "judged_by": learned.kept if learned else 0,
            "old_lines": len(old),
            "start": start.digest if start else None,
        },
    )


def _to_judge(lines: Sequence[Lines]) -> list[Example]:
    """The examples under the keys by which some are kept apart to judge: whole entries.

    Where entries are few, single fields: two or three entries out of a dozen could never show
    that what was learned is more than chance, and the first dozen is what a book begins with.
    """
    whole = len({one.taught.entry for one in lines}) >= _ENTRIES_TO_JUDGE
    return [
        example if whole else replace(example, entry=f"{one.taught.entry}/{one.taught.field}")
        for one in lines
        for example in one.examples
    ]


def keep(adapter: Adapter, settings: Settings) -> str:
    """Write an adapter into the home, under the digest of its file; returns the digest.

    Raises:
        DiskFullError: no space left; nothing half-written stays.
        WeightsError: it is larger than an adapter may be.
    """
    with storage_errors(settings.adapter_store):
        settings.adapter_store.mkdir(parents=True, exist_ok=True)
        fresh = settings.adapter_store / f"{adapter.data[:16]}{SUFFIX}.new"
        digest = write_adapter(adapter, fresh)
        target = adapter_file(settings, digest).path
        target.parent.mkdir(exist_ok=True)
        fresh.replace(target)
    return digest


def read_start(start: AdapterFile | None, base: str) -> Adapter | None:
    """What was learned before, to go on from; None where it cannot be used."""
    if start is None:
        return None
    try:
        adapter = read_adapter(check_file(start))
    except WeightsError as error:
        log.warning("%s", error)
        return None
    return adapter if adapter.base == base else None


def data_digest(base: str, lines: Sequence[Lines]) -> str:
    """SHA-256 over all that is learned from."""
    digest = hashlib.sha256(base.encode())
    for one in lines:
        texts = "\n".join(example.text for example in one.examples)
        digest.update(f"\0{one.taught.entry}/{one.taught.field}\0{texts}".encode())
    return digest.hexdigest()


def _start(task: BookTask, group: Group) -> AdapterFile | None:
    """The adapter that most of the group's scans are read with now."""
    now = Counter(task.starts.get(one.taught.scan, task.starts.get(0)) for one in group.lines)
    return now.most_common(1)[0][0]


def _nets(task: BookTask, base: Net) -> Callable[[Taught], Net]:
    """The net that a scan is read with now: it knows the hand best."""
    nets: dict[Path, Net] = {}

    def net_of(one: Taught) -> Net:
        file = task.starts.get(one.scan, task.starts.get(0))
        if file is None:
            return base
        if file.path not in nets:
            try:
                settings = task.settings
                nets[file.path] = load_net(settings.config, settings.hand_weights, check_file(file))
            except WeightsError as error:
                log.warning("%s", error)
                nets[file.path] = base
        return nets[file.path]

    return net_of


def _figure(learned: Learned | None, name: str) -> float | None:
    figure = math.nan if learned is None else float(getattr(learned, name))
    return None if math.isnan(figure) else round(figure, 5)
