"""Every text of the desk has its Vietnamese."""

from __future__ import annotations

import re

from babel.messages.extract import extract_from_dir

from desk.i18n import LOCALE, catalog
from models.states import Role


def test_every_text_is_translated_with_the_same_placeholders():
    methods = [("templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
    found = extract_from_dir(
        LOCALE.parent, methods, directory_filter=lambda path: "node_modules" not in path
    )
    vietnamese = catalog("vi")
    missing, uneven = set(), set()
    for _, _, message, _, _ in found:
        one = message[0] if isinstance(message, tuple) else message
        told = (
            vietnamese.ungettext(*message, 2)
            if isinstance(message, tuple)
            else vietnamese.ugettext(message)
        )
        if told == one and one not in SAME:
            missing.add(one)
        if sorted(re.findall(r"%\(\w+\)s", told)) != sorted(re.findall(r"%\(\w+\)s", one)):
            uneven.add(one)
    assert missing == set()
    assert uneven == set()
    assert all(vietnamese.ugettext(role.value) != role.value for role in Role)


SAME: set[str] = set()
"""Texts that are the same in both languages."""
