"""All rules by their id, and what a finding says to a person.

An error blocks release, a warning goes to review, a soft warning only makes its fields a
little less sure. ``docs/rules.md`` is generated from here (``hotich dictionary --rules``).
"""

from __future__ import annotations

from pipeline.checks.book_rule_list import BOOK_RULES
from pipeline.checks.entry_rule_list import ENTRY_RULES
from pipeline.checks.rule import Rule, Scope
from pipeline.types import Finding

__all__ = ["RULES", "Rule", "Scope", "explain", "is_soft"]

SECOND_LOOP = "V40"
"""Of what the second loop found; written by ``models.checking``, not by a rule that runs."""

RULES: dict[str, Rule] = {
    rule.id: rule for rule in sorted((*ENTRY_RULES, *BOOK_RULES), key=lambda rule: rule.id)
}


def explain(finding: Finding) -> str:
    """What a finding says, in the language of the moment, its values behind it."""
    rule = RULES.get(finding.rule)
    text = str(rule.text) if rule else finding.rule  # a rule of another version
    return f"{text} ({finding.detail})" if finding.detail else text


def is_soft(finding: Finding) -> bool:
    """True where a finding only makes its fields less sure."""
    rule = RULES.get(finding.rule)
    return rule is not None and rule.soft
