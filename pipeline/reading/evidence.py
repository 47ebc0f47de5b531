"""How evidence on one value adds up: probabilities, not bonuses.

Two shapes of evidence are enough for a register page. A *relation* holds between two readings
of what the paper says twice (digits and words, a number and the one before it, one crop and
two readers). A *sign* is a fact that stands beside right values more often than beside wrong
ones (a place that the gazetteer knows, a child that bears its father's family name). What
each is worth stands in ``thresholds.yaml`` (``evidence``), with how it was measured.
"""

from __future__ import annotations

import math

from pipeline.settings import RelationStrength, SignStrength


def _joint(one: float, other: float, correlation: float) -> tuple[float, float, float, float]:
    """Both right, only the first, only the second, neither: of two yes-no events."""
    spread = correlation * math.sqrt(one * (1 - one) * other * (1 - other))
    both = min(one * other + spread, one, other)
    return both, one - both, other - both, max(0.0, 1 - one - other + both)


def agreeing(one: float, other: float, relation: RelationStrength, ceiling: float) -> float:
    """Probability that ``one`` is right, now that the two readings say the same.

    Args:
        one: its probability by itself, 0..1.
        other: that of the other reading, by itself.
        relation: how often truths differ, wrong readings coincide, errors come together.
        ceiling: what no agreement may exceed: errors that both share by nature.

    Returns:
        Never less than ``one``: to be agreed with is no accusation.
    """
    both, first, second, neither = _joint(one, other, relation.correlation)
    by_chance = relation.dissent * relation.collision
    right = both * (1 - relation.dissent) + first * by_chance
    wrong = neither * relation.collision + second * by_chance
    seen = right / (right + wrong) if right + wrong > 0 else one
    return max(one, min(ceiling, seen))


def contradicting(one: float, other: float, relation: RelationStrength) -> float:
    """Probability that ``one`` is right, now that the two readings differ; never more than it was.

    Both fall: a sure reading against a doubtful one falls a little, the doubtful one to nothing.
    """
    both, first, second, neither = _joint(one, other, relation.correlation)
    apart = 1 - relation.dissent * relation.collision
    right = both * relation.dissent + first * apart
    wrong = second * apart + neither * (1 - relation.collision)
    return min(one, right / (right + wrong)) if right + wrong > 0 else one


def with_sign(one: float, sign: SignStrength, *, seen: bool, sure: float, ceiling: float) -> float:
    """Probability after a sign was looked for.

    Args:
        one: before.
        sign: how often it is seen beside right and beside wrong values.
        seen: whether it was.
        sure: probability that what bears the sign was itself read right; where it was not, the
            sign says nothing.
        ceiling: what a sign cannot lift a value above.
    """
    right = sign.right if seen else 1 - sign.right
    wrong = sign.wrong if seen else 1 - sign.wrong
    right, wrong = (sure * share + (1 - sure) * sign.wrong for share in (right, wrong))
    odds = one * right + (1 - one) * wrong
    after = one * right / odds if odds > 0 else one
    return max(one, min(ceiling, after)) if after > one else after
