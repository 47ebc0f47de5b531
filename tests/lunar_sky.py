"""A second way to the lunar calendar: series of J. Meeus, Astronomical Algorithms (ch. 25, 49).

Good to a few minutes, and independent of the ephemeris the committed table was made of.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math

EPOCH = dt.datetime(2000, 1, 1, 12)


def _sin(degrees: float) -> float:
    return math.sin(math.radians(degrees))


def _universal(julian: float) -> dt.datetime:
    """TT to UT, with a rough delta T of this time (seconds)."""
    year = 2000 + (julian - 2451545) / 365.25
    table = ((1900, -3), (1910, 10), (1920, 21), (1930, 24), (1950, 29), (1970, 40), (1985, 54),
             (2000, 64), (2030, 72))  # fmt: skip
    for (early, low), (late, high) in itertools.pairwise(table):
        if year <= late or late == 2030:
            delta = low + (high - low) * (year - early) / (late - early)
            break
    return EPOCH + dt.timedelta(days=julian - 2451545, seconds=-delta)


def new_moon(k: int) -> dt.datetime:
    """The k-th new moon after that of 6 January 2000, in UT."""
    t = k / 1236.85
    mean = 2451550.09766 + 29.530588861 * k + 0.00015437 * t * t
    e = 1 - 0.002516 * t
    sun = 2.5534 + 29.1053567 * k
    moon = 201.5643 + 385.81693528 * k + 0.0107582 * t * t
    node = 160.7108 + 390.67050284 * k - 0.0016118 * t * t
    omega = 124.7746 - 1.56375588 * k
    mean += (
        -0.4072 * _sin(moon) + 0.17241 * e * _sin(sun) + 0.01608 * _sin(2 * moon)
        + 0.01039 * _sin(2 * node) + 0.00739 * e * _sin(moon - sun)
        - 0.00514 * e * _sin(moon + sun) + 0.00208 * e * e * _sin(2 * sun)
        - 0.00111 * _sin(moon - 2 * node) - 0.00057 * _sin(moon + 2 * node)
        + 0.00056 * e * _sin(2 * moon + sun) - 0.00042 * _sin(3 * moon)
        + 0.00042 * e * _sin(sun + 2 * node) + 0.00038 * e * _sin(sun - 2 * node)
        - 0.00024 * e * _sin(2 * moon - sun) - 0.00017 * _sin(omega)
        + 0.000325 * _sin(299.77 + 0.107408 * k)
    )  # fmt: skip
    return _universal(mean)


def sun_longitude(moment: dt.datetime) -> float:
    """Apparent longitude of the sun in degrees."""
    t = ((moment - EPOCH).total_seconds() / 86400 + 0.0006) / 36525
    anomaly = 357.52911 + 35999.05029 * t
    centre = (
        (1.914602 - 0.004817 * t) * _sin(anomaly)
        + 0.019993 * _sin(2 * anomaly)
        + 0.000289 * _sin(3 * anomaly)
    )
    true = 280.46646 + 36000.76983 * t + 0.0003032 * t * t + centre
    return (true - 0.00569 - 0.00478 * _sin(125.04 - 1934.136 * t)) % 360
