"""Register language to train with: what clerks of all eras wrote, and syllables nobody wrote.

Rare names are as common here as frequent ones, and syllables are put together by chance, so
that the net learns to look and not to guess.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from pipeline.reading.hand.alphabet import foreign_signs, normalized
from training.hand.dates import date, number, small_number
from training.hand.lists import name_parts, other_places, own_places, phrases, syllable

_SHORT = ("sex", "ethnic", "nation", "trade", "note", "place_kind", "month")


def name(rng: random.Random) -> str:
    """A name; every part of the lists as likely as every other, some parts invented."""
    parts = name_parts()
    common = rng.random() < 0.5
    family = rng.choice(parts["family"][:12] if common else parts["family"])
    words = [family]
    if rng.random() < 0.06:
        words.append(rng.choice(parts["family"][:25]))
    if rng.random() < 0.9:
        words.append(rng.choice(("Văn", "Thị")) if rng.random() < 0.4 else _part(rng, "middle"))
    if rng.random() < 0.15:
        words.append(_part(rng, "middle"))
    words.append(_part(rng, "given"))
    return written_name(words, rng)


def written_name(words: Sequence[str], rng: random.Random) -> str:
    """The parts of a name as a clerk writes them: now, in capitals, or with old hyphens."""
    style = rng.random()
    if style < 0.12:
        bits = " ".join(words).split()
        return "-".join(
            bit if n in (0, len(bits) - 1) else bit.lower() for n, bit in enumerate(bits)
        )
    if style < 0.44:
        return " ".join(words).upper()
    if style < 0.47:
        return " ".join([words[0], *(word.lower() for word in words[1:])])
    if style < 0.5:
        return " ".join([*words[:-1], words[-1].upper()])
    if style < 0.54:
        return f"{rng.choice(('Ông', 'Bà', 'ông', 'bà', 'Cụ', 'anh', 'chị'))} {' '.join(words)}"
    return " ".join(words)


def _part(rng: random.Random, part: str) -> str:
    return syllable(rng).capitalize() if rng.random() < 0.25 else rng.choice(name_parts()[part])


def place(rng: random.Random) -> str:
    """A place, alone or within others, in full or short."""
    pick = rng.random()
    own = (
        rng.choice(own_places())
        if pick < 0.6
        else rng.choice(other_places())
        if pick < 0.75
        else _invented(rng)
    )
    if rng.random() < 0.08:
        own = own.upper()
    style = rng.random()
    if style < 0.35:
        return own
    if style < 0.47:
        first, *more = own.split()
        late = rng.random() < 0.7
        return "-".join([first, *(word.lower() if late else word for word in more)])
    kind = rng.choice(phrases()["place_kind"])
    first = f"{kind} {rng.randint(1, 260)}" if rng.random() < 0.25 else f"{kind} {own}"
    if style < 0.65:
        return first
    mark = rng.choice((", ", " ", " - ", " , ", "-"))
    more = [rng.choice(own_places()) for _ in range(rng.randint(1, 2))]
    if rng.random() < 0.3:
        more[-1] = rng.choice(("Hải Phòng", "Hải-phòng", "HP", "Hp", "Kiến An", "Hải Dương"))
    return mark.join([first, *more])


def _invented(rng: random.Random) -> str:
    return " ".join(syllable(rng).capitalize() for _ in range(rng.randint(1, 2)))


def french(rng: random.Random) -> str:
    """A piece of an entry in French, with Vietnamese names in it as often as not."""
    said = rng.choice(phrases()["french"])
    pick = rng.random()
    if pick < 0.3:
        return f"{said} {name(rng)}"
    if pick < 0.4:
        return f"âgé de {rng.randint(16, 80)} ans, {said}"
    return f"{said} {rng.choice(phrases()['french'])}" if pick < 0.55 else said


def chance(rng: random.Random) -> str:
    """Syllables by chance, in small letters, title case or capitals, with signs here and there."""
    words = [syllable(rng) for _ in range(rng.randint(1, 4))]
    style = rng.random()
    if style < 0.35:
        words = [word.capitalize() for word in words]
    elif style < 0.6:
        words = [word.upper() for word in words]
    if rng.random() < 0.2:
        words[rng.randrange(len(words))] += rng.choice((",", ".", ";", ":", ")", "?", "-"))
    if rng.random() < 0.1:
        words.insert(
            rng.randrange(len(words) + 1),
            rng.choice(("&", "+", "=", '"', "(", "x", "°", "%", "1°", "_")),
        )
    return " ".join(words)


def _of(kind: str) -> Callable[[random.Random], str]:
    return lambda rng: rng.choice(phrases()[kind])


_KINDS: tuple[tuple[float, Callable[[random.Random], str]], ...] = (
    (0.28, name),
    (0.2, place),
    (0.17, date),
    (0.07, number),
    (0.03, small_number),
    (0.02, _of("sex")),
    (0.03, _of("ethnic")),
    (0.03, _of("nation")),
    (0.05, _of("trade")),
    (0.06, _of("note")),
    (0.04, french),
    (0.13, chance),
)


def field_text(rng: random.Random) -> str:
    """What stands alone in a small field: a date, a number, a digit, a word of a short list."""
    pick = rng.random()
    if pick < 0.3:
        said = date(rng)
    elif pick < 0.45:
        said = number(rng)
    elif pick < 0.68:
        said = small_number(rng)
    elif pick < 0.8:
        said = chance(rng).split()[0].upper()
    else:
        said = rng.choice(phrases()[rng.choice(_SHORT)])
    said = normalized(said)
    return said if said and not foreign_signs(said) else field_text(rng)


def line_text(rng: random.Random, longest: int = 60) -> str:
    """A line of at most ``longest`` letters (shortened by whole words), normalised."""
    weights = [weight for weight, _ in _KINDS]
    text = rng.choices(_KINDS, weights)[0][1](rng)
    while len(text) < longest and rng.random() < 0.25:
        text += rng.choice((" ", ", ", " ")) + rng.choices(_KINDS, weights)[0][1](rng)
    text = normalized(text)
    while len(text) > longest and " " in text:
        text = text.rpartition(" ")[0]
    return text[:longest].strip() if not foreign_signs(text) else line_text(rng, longest)
