"""The rules in Markdown, generated from ``pipeline.checks.rules``."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.checks.rules import RULES, Rule
from pipeline.settings import EvidenceThresholds, load_settings, load_thresholds

_HEAD = """\
# Rules

What is checked, on the entry, the book, all books of a unit, the delivery and the work. Generated
by `hotich dictionary --rules`; do not edit. The set is that of the domain notes (V01–V21), and V22
on what a registrar would check besides.

An **error** blocks the release of its entry, a **warning** sends its fields to a person, a **soft**
one only makes its fields less sure. No rule changes a value. A law is named where a source was
read that gives it; the others are common sense.

| rule | weight | looks at | says | law | evidence |
| --- | --- | --- | --- | --- | --- |
"""
_EVIDENCE = """
## What evidence is worth

From `ocr_config/thresholds.yaml` (`evidence`), where each figure's origin stands. Two readings of
one fact that agree raise both, that differ lower both; how far follows from the three figures and
from how sure each is (`pipeline/reading/evidence.py`). Nothing is lifted above {ceiling}.

| relation | paper dissents | wrong ones agree | errors come together |
| --- | --- | --- | --- |
{relations}

| sign | beside right values | beside wrong values |
| --- | --- | --- |
{signs}
"""


def rule_table() -> str:
    """The whole document."""
    rows = "\n".join(_row(rule) for rule in RULES.values())
    return _HEAD + rows + "\n" + _strengths(load_thresholds(load_settings().config).evidence)


def _row(rule: Rule) -> str:
    weight = f"soft {rule.severity}" if rule.soft else str(rule.severity)
    scopes = ", ".join(rule.scopes)
    fields = ", ".join(f"`{name}`" for name in rule.fields)
    says = f"{rule.text.vi}<br>{rule.text.en}"
    looks_at = f"{scopes}: {fields}" if fields else scopes
    return f"| {rule.id} | {weight} | {looks_at} | {says} | {rule.law} | {rule.evidence.en} |"


def _strengths(evidence: EvidenceThresholds) -> str:
    def lines() -> Iterator[str]:
        for name, one in evidence.relations.items():
            yield f"| `{name}` | {one.dissent} | {one.collision} | {one.correlation} |"

    signs = (f"| `{name}` | {one.right} | {one.wrong} |" for name, one in evidence.signs.items())
    return _EVIDENCE.format(
        ceiling=evidence.ceiling, relations="\n".join(lines()), signs="\n".join(signs)
    )
