"""The benchmark's figures as Markdown."""

from __future__ import annotations

from typing import Any


def render(result: dict[str, Any]) -> str:
    """A page of Markdown."""
    ours, theirs, quality = result["hotich"], result["ocrmypdf"], result["quality"]
    lines = [
        "# Benchmark",
        "",
        f"{result['pages']} generated A3 pages ({result['wear']} wear, 300 dpi, 130 cells), "
        f"{len(ours['rounds'])} rounds in turn, {result['workers']} workers on {result['cores']} "
        "cores; medians. "
        + ", ".join(f"{name} {number}" for name, number in result["versions"].items())
        + ". Repeat: `./run bench`.",
        "",
        "| | hotich | OCRmyPDF | bar |",
        "| --- | --- | --- | --- |",
        _row("CPU s a page", ours, theirs, "cpu_seconds_a_page", "≤ 2.5"),
        _row("pages a minute", ours, theirs, "pages_a_minute", "–"),
        _row("largest process, MB", ours, theirs, "largest_process_mb", "≤ 450"),
        _row("all processes, MB", ours, theirs, "all_processes_mb", "–"),
        "",
        f"OCRmyPDF : hotich, CPU seconds, round by round: {result['ratio']:.2f} "
        f"({min(result['ratios']):.2f}–{max(result['ratios']):.2f}); bar ≥ 3.5.",
        "",
        "| stage | CPU s a page |",
        "| --- | --- |",
        *(f"| {stage} | {seconds:.3f} |" for stage, seconds in result["stages"].items()),
        "",
        f"Quality on these pages: entries {quality['entries']['found']}/"
        f"{quality['entries']['true']}, boxes ≥ 0.8: {quality['boxes_good']:.4f}, exact "
        f"{quality['exact_literal']:.4f}, CER {quality['cer']:.4f}, invented "
        f"{quality['invented']}, slips {quality['slips']}.",
    ]
    return "\n".join(lines) + "\n"


def _row(title: str, ours: dict[str, Any], theirs: dict[str, Any], key: str, bar: str) -> str:
    return f"| {title} | {ours[key]:.2f} | {theirs[key]:.2f} | {bar} |"
