"""Counters equal a recount after a random life: transactions lost at any statement, kills."""

from __future__ import annotations

import random

import pytest

from bench.counting import spend
from bench.life import live, settle_in
from models import recount, verify_audit


@pytest.mark.slow
def test_counters_equal_a_recount_after_random_acts_lost_at_any_statement(database):
    people, chance = settle_in(database), random.Random(3)
    acts = [live(database, people, chance, crash_share=0.15) for _ in range(250)]
    assert sum(act.endswith("!") for act in acts) > 10
    assert {act for act in acts if act.isalpha()} >= {"queue", "read", "finish", "review"}
    assert recount(database) == []
    assert verify_audit(database).sound


@pytest.mark.slow
def test_counters_equal_a_recount_after_processes_were_killed_in_their_transactions(
    database, database_url
):
    acts, killed = spend(database_url, 60, 3, 0.1, 5)
    assert acts.total() == 60 and killed == 3
    assert recount(database) == []
    assert verify_audit(database).sound
