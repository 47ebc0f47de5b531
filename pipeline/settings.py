"""Settings from the environment (``HOTICH_…``) and thresholds from ``ocr_config/thresholds.yaml``.

Every threshold stands once, in the YAML file, with its unit and its reason; this
module gives them types. An office edits the file, never the code.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipeline.errors import SettingsError

PROJECT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Where things are and how much the machine may do."""

    model_config = SettingsConfigDict(env_prefix="HOTICH_", extra="ignore", frozen=True)

    home: Path = PROJECT / "var"
    """Data directory: database, scans, Prefect's home, logs. Two homes never touch each other."""
    database_url: str = ""
    """SQLAlchemy address; empty means SQLite in the home."""
    config: Path = PROJECT / "ocr_config"
    engine: Literal["inline", "local", "cluster"] = "inline"
    """inline: this process · local: Prefect server and worker as children · cluster: see
    PREFECT_API_URL."""
    workers: int = Field(default=2, ge=1, le=64)
    """Processes that digitize pages at the same time, per flow run."""
    books_at_once: int = Field(default=2, ge=1, le=16)
    """Books a worker of the engine works on at the same time: the start of one hides behind the
    pages of the other (about 5 s a book). Memory counts for each, ``workers`` times."""
    chunk_pages: int = Field(default=20, ge=1, le=200)
    """Scans a Prefect task takes at once: short enough to retry, long enough to cost nothing."""
    lease_seconds: int = Field(default=120, ge=5)
    max_attempts: int = Field(default=3, ge=1)
    """A page that failed this often is quarantined with its reason."""
    recognizer: Literal["auto", "tesseract", "hand", "none"] = "auto"
    """auto: print to Tesseract, handwriting to the net, doubt to both · none: keying only."""
    hand_weights: str = Field(default="hand", pattern=r"^[a-z0-9-]+$")
    """Weights of the net in ``ocr_config/weights``: ``hand``, or ``hand-free``, made of freely
    licensed material only."""
    adapt: Literal["auto", "off"] = "auto"
    """auto: learn the hand of a book as soon as enough of its fields are reviewed · off: only
    when ``hotich adapt`` asks for it."""
    ocr_languages: str = "vie"
    as_of: str = ""
    """Target date of "current" units, ISO; empty means today."""
    max_megapixels: int = Field(default=250, ge=1)
    """An image of more pixels is refused before it is decoded."""
    max_archive_gigabytes: float = Field(default=60.0, gt=0)
    page_timeout_seconds: int = Field(default=300, ge=10)

    @property
    def resolved_home(self) -> Path:
        """The home as an absolute path."""
        return self.home.expanduser().resolve()

    @property
    def resolved_database_url(self) -> str:
        """The address, SQLite in the home where none is set."""
        return self.database_url or f"sqlite:///{self.resolved_home / 'hotich.sqlite'}"

    @property
    def scan_store(self) -> Path:
        """Folder of the originals, named by digest."""
        return self.resolved_home / "scans"

    @property
    def adapter_store(self) -> Path:
        """Folder of what was learned from corrections, named by digest."""
        return self.resolved_home / "adapters"

    @property
    def ink_store(self) -> Path:
        """Folder of ink maps of scans with reviewed fields; can be made anew at any time."""
        return self.resolved_home / "inks"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class QualityThresholds(_Section):
    """When a scan must be made again (``pipeline.scan.quality``); reasons stand in the YAML."""

    min_dpi: float = 190.0
    min_sharpness: float = 4.6
    min_paper_level: float = 105.0
    max_bright_share: float = 0.85
    max_ink_level: float = 110.0
    max_border_runs: int = 2
    max_skew_degrees: float = 15.0
    blank_ink_share: float = 0.0007
    min_likeness: float = 0.86


class PageThresholds(_Section):
    """When what a page is taken for is believed unseen (``pipeline.form.pagesort``)."""

    min_sort_probability: float = Field(default=0.8, gt=0, lt=1)


class LayoutThresholds(_Section):
    """When boxes are good enough to be read."""

    min_page_confidence: float = 0.6
    min_cell_confidence: float = 0.35
    min_form_score: float = 0.5
    learn_pages: int = 4
    """Scans whose print is read to learn a book; each costs as much as digitizing one."""


class ReadingThresholds(_Section):
    """Scale of crops."""

    work_dpi: float = Field(default=180.0, ge=100, le=400)


class PlaceThresholds(_Section):
    """When a place answer is certain, and when it is none."""

    certain: float = 0.9
    known: float = 0.5


class RelationStrength(_Section):
    """What it says that two readings of one fact agree (``pipeline.reading.evidence``)."""

    dissent: float = Field(default=0.01, ge=0, le=1)
    """Share of entries in which the paper itself does not hold the relation."""
    collision: float = Field(default=1.0, ge=0, le=1)
    """Share of pairs of wrong readings that agree all the same."""
    correlation: float = Field(default=0.0, ge=0, lt=1)
    """Between being right here and there, beyond what both probabilities know."""


class SignStrength(_Section):
    """How often a fact is seen beside right values, and beside wrong ones."""

    right: float = Field(gt=0, lt=1)
    wrong: float = Field(gt=0, lt=1)


class EvidenceThresholds(_Section):
    """What independent evidence is worth; how each was measured stands in the YAML."""

    ceiling: float = Field(default=0.9995, gt=0, lt=1)
    ditto_run: float = Field(default=10.0, gt=0)
    """Marks above one another that halve the doubt of the next: their errors come together."""
    relations: dict[str, RelationStrength] = Field(default_factory=dict)
    signs: dict[str, SignStrength] = Field(default_factory=dict)

    def relation(self, name: str) -> RelationStrength:
        """The relation of this name; careful where the file does not have it."""
        return self.relations.get(name) or RelationStrength()


class DecisionThresholds(_Section):
    """How wrong what is accepted unseen may be, and what people's time costs.

    ``target_error`` is per field type (share of wrong values among those accepted); the
    probability from which a field is accepted follows from it (``pipeline.checks.acceptance``).
    """

    readable: float = 0.03
    target_error: dict[str, float] = Field(default_factory=lambda: {"default": 0.005})
    worst: float = Field(default=5.0, ge=1)
    """No accepted field may be likelier wrong than so many times the target."""
    doubt: float = Field(default=1.0, ge=0)
    """Standard errors added to the expected error, because calibrators rest on few examples."""
    accept: dict[str, float] = Field(default_factory=dict)
    """Least probabilities on top of what follows from the targets; above 1 accepts nothing."""
    sample_rate: float = Field(default=0.02, ge=0, le=1)
    """Share of what is accepted that goes to a person all the same, unmarked."""
    sample_level: float = Field(default=0.95, gt=0.5, lt=1)
    """Level of the interval around the error found in that sample."""
    seconds_a_field: float = Field(default=8.0, gt=0)

    def target(self, field_type: str) -> float:
        """Share of wrong values allowed among accepted fields of a type."""
        return self.target_error.get(field_type, self.target_error.get("default", 0.0))

    def with_targets(self, targets: Mapping[str, float]) -> DecisionThresholds:
        """The same with what supervisors have set per field type over the file's own targets."""
        return self.model_copy(update={"target_error": {**self.target_error, **targets}})


class LearningThresholds(_Section):
    """When and how long the reader of handwriting learns; reasons stand in the YAML."""

    first_fields: int = Field(default=50, ge=20)
    hand_fields: int = Field(default=50, ge=20)
    growth: float = Field(default=1.5, gt=1)
    seconds: float = Field(default=180.0, gt=0)
    old_lines: int = Field(default=300, ge=0)
    heard_fields: int = Field(default=40, ge=20)
    heard_growth: float = Field(default=1.1, gt=1)
    office_fields: int = Field(default=300, ge=50)
    office_lines: int = Field(default=4000, ge=100)
    office_seconds: float = Field(default=1800.0, gt=0)
    held_back: float = Field(default=0.2, gt=0, lt=0.5)


class RecalibrationThresholds(_Section):
    """When an office's own fields may bend the shipped probabilities; reasons in the YAML."""

    least_fields: int = Field(default=300, ge=50)
    type_fields: int = Field(default=150, ge=50)
    knot_fields: int = Field(default=60, ge=20)
    spread: float = Field(default=0.5, gt=0)
    held_back: float = Field(default=0.34, gt=0, lt=1)


class LinkingThresholds(_Section):
    """Which links between entries are suggested; reasons stand in the YAML."""

    least: float = Field(default=0.5, gt=0, lt=1)
    """Probability from which a link is suggested."""
    largest_block: int = Field(default=400, ge=2)


class Thresholds(_Section):
    """All of ``ocr_config/thresholds.yaml``."""

    quality: QualityThresholds = QualityThresholds()
    pages: PageThresholds = PageThresholds()
    layout: LayoutThresholds = LayoutThresholds()
    reading: ReadingThresholds = ReadingThresholds()
    places: PlaceThresholds = PlaceThresholds()
    evidence: EvidenceThresholds = EvidenceThresholds()
    decision: DecisionThresholds = DecisionThresholds()
    learning: LearningThresholds = LearningThresholds()
    recalibration: RecalibrationThresholds = RecalibrationThresholds()
    linking: LinkingThresholds = LinkingThresholds()


def load_settings() -> Settings:
    """Settings of this process, read afresh from the environment.

    Raises:
        SettingsError: a value cannot be used; names the variable.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "HOTICH_" + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsError(f"{name}: {first['msg']}") from error


@lru_cache(maxsize=8)
def load_thresholds(config: Path) -> Thresholds:
    """Thresholds of an ``ocr_config`` folder; the defaults where the file says nothing.

    Raises:
        SettingsError: the file is not YAML or has an unknown or impossible entry.
    """
    path = config / "thresholds.yaml"
    if not path.exists():
        return Thresholds()
    try:
        return Thresholds.model_validate(yaml.safe_load(path.read_text("utf-8")) or {})
    except (yaml.YAMLError, ValidationError) as error:
        raise SettingsError(str(error), where=str(path)) from error
