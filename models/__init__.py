"""The record: SQLAlchemy tables, leases, counters and the way between values and rows.

The only place that speaks SQL. Everything others need stands here; docs/data-model.md tells
how it fits together.
"""

from __future__ import annotations

from models.adapters import (
    AdapterRecord,
    NewAdapter,
    active_digests,
    adapters_in_force,
    adapters_of,
    due_books,
    revert_adapters,
    save_adapters,
    use_office_version,
    wake_book,
)
from models.audit import AuditState, verify_audit
from models.books import (
    BookRecord,
    book_scans,
    find_books,
    load_book,
    load_book_form,
    save_book_form,
)
from models.correcting import correct_field
from models.costs import stage_seconds
from models.counters import CounterFault, recount
from models.database import Database, open_database
from models.dumping import canonical_dump
from models.exporting import FieldRow, export_fields
from models.finding_fields import FieldPlace, scan_fields
from models.finishing import (
    PlacedEntry,
    ScanRows,
    book_entries,
    placed_entries,
    save_finished_book,
    scan_rows,
)
from models.integrity import integrity
from models.judged import judged_values, record_calibration
from models.layout import add_layout_edit, forget_form, undo_layout_edit
from models.leases import (
    Job,
    WorkLeft,
    claim_scans,
    release,
    renew,
    sweep_expired,
    work_left,
)
from models.linking import (
    LinkRecord,
    find_entry_links,
    judge_link,
    mentions,
    save_links,
)
from models.listing import StuckScan, rescan_list, stuck_scans
from models.migrating import migrate
from models.pages import book_pages
from models.places import PlacesLoaded, load_places, places_digest
from models.progress import (
    BatchProgress,
    BookProgress,
    Tally,
    UnitProgress,
    batch_progress,
    book_progress,
    progress,
)
from models.quality import counted_values, reviewed_sample, unit_rows
from models.queueing import (
    PendingBook,
    QueuedBook,
    QueueReceipt,
    RefusedBook,
    pending_books,
    queue_batch,
    requeue_scans,
)
from models.reviewed import (
    ReviewedField,
    reviewed_books,
    reviewed_count,
    reviewed_fields,
    reviewed_in_all,
)
from models.runs import Run, beat_run, end_run, open_runs, start_run
from models.states import (
    AdapterState,
    BookState,
    EntryState,
    JobState,
    LinkState,
    RunState,
    ScanState,
)
from models.store import fail_scan, save_scan
from models.story import EntryStory, FieldStory, PersonsWord, entry_stories
from models.targets import (
    TargetRecord,
    bars_in_force,
    decision_in_force,
    learn_bars,
    set_target,
    target_history,
    targets_moved_at,
    targets_set,
    values_at_hand,
)
from models.to_finish import books_to_check, books_to_hear
from models.unit_rules import (
    check_unit_books,
    unit_finding_counts,
    unit_findings,
    units_checked,
)
from models.units import UnitName, find_units, load_units

__all__ = [
    "AdapterRecord", "AdapterState", "AuditState", "BatchProgress", "BookProgress", "BookRecord",
    "BookState", "CounterFault", "Database", "EntryState", "EntryStory", "FieldPlace",
    "FieldRow", "FieldStory", "Job", "JobState", "LinkRecord", "LinkState", "NewAdapter",
    "PendingBook", "PersonsWord", "PlacedEntry", "PlacesLoaded", "QueueReceipt", "QueuedBook",
    "RefusedBook", "ReviewedField", "Run", "RunState", "ScanRows", "ScanState", "StuckScan",
    "Tally", "TargetRecord",
    "UnitName", "UnitProgress", "WorkLeft", "active_digests", "adapters_in_force", "adapters_of",
    "add_layout_edit", "bars_in_force", "batch_progress", "beat_run",
    "book_entries", "book_pages", "book_progress",
    "book_scans", "books_to_check", "books_to_hear", "canonical_dump", "check_unit_books",
    "claim_scans", "correct_field",
    "counted_values", "decision_in_force", "due_books",
    "end_run", "entry_stories", "export_fields", "fail_scan", "find_books", "find_entry_links",
    "find_units", "forget_form", "integrity", "judge_link", "judged_values", "learn_bars",
    "load_book",
    "load_book_form", "load_places", "load_units", "mentions", "migrate", "open_database",
    "open_runs", "pending_books", "placed_entries", "places_digest", "progress", "queue_batch",
    "record_calibration", "recount", "release", "renew", "requeue_scans", "rescan_list",
    "revert_adapters", "reviewed_books", "reviewed_count", "reviewed_fields", "reviewed_in_all",
    "reviewed_sample", "save_adapters", "save_book_form", "save_finished_book", "save_links",
    "save_scan", "scan_fields", "scan_rows", "set_target", "stage_seconds", "start_run",
    "stuck_scans", "sweep_expired", "target_history", "targets_moved_at", "targets_set",
    "undo_layout_edit", "unit_finding_counts", "unit_findings", "unit_rows", "units_checked",
    "use_office_version", "values_at_hand", "verify_audit", "wake_book",
    "work_left",
]  # fmt: skip
