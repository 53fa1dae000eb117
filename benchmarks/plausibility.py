"""How often plausibility warns of clean months, and how often it sees what is broken: `python -m benchmarks.plausibility`.

Months are generated, seeded: counts negative binomial about levels from one a month to five hundred, shares beta binomial.
Prints a table: dispersion, months of history, clean months warned of, and series seen that were halved, quartered, emptied.
"""

import numpy as np

from casualty_pipeline.quality.plausibility import LEAST, MOST, RATE, unusual_counts, unusual_shares

_MONTHS, _COUNTS, _FIELDS = 500, 30, 60
_BROKEN = (0.5, 0.25, 0.0)


def main() -> None:
    """Print the table."""
    rng = np.random.default_rng(2020)
    print(f"declared: at most {100 * RATE:g} % of clean months a check\n")
    print("| kind | dispersion | history | clean months warned of | seen at 1/2 | at 1/4 | at none |")
    print("|---|---|---|---|---|---|---|")
    for dispersion in (3, 8, 20, 100):
        for months in (LEAST, MOST):
            counts = [_counts(rng, dispersion, months) for _ in range(_MONTHS)]
            shares = [_shares(rng, 10 * dispersion, months) for _ in range(_MONTHS)]
            clean = sum(bool(unusual_counts(one)) for one in counts) / _MONTHS
            seen = " | ".join(f"{_seen(counts, part):.0%}" for part in _BROKEN)
            print(f"| counts | {dispersion} | {months} | {clean:.1%} | {seen} |")
            warned = sum(bool(unusual_shares(one)) for one in shares) / _MONTHS
            print(f"| shares | {10 * dispersion} | {months} | {warned:.1%} | | | |")


def _counts(rng: np.random.Generator, dispersion: float, months: int) -> dict[str, list[int]]:
    levels = 10 ** rng.uniform(0, 2.7, _COUNTS)
    rates = levels[:, None] * rng.gamma(dispersion, 1 / dispersion, (_COUNTS, months + 1))
    return {str(n): row for n, row in enumerate(rng.poisson(rates).tolist())}


def _shares(rng: np.random.Generator, dispersion: float, months: int) -> dict[str, list[tuple[int, int]]]:
    found = {}
    for name in range(_FIELDS):
        usual, among = rng.uniform(0.02, 0.98), rng.integers(15, 300, months + 1)
        part = rng.binomial(among, rng.beta(usual * dispersion, (1 - usual) * dispersion, months + 1))
        found[str(name)] = list(zip(part.tolist(), among.tolist(), strict=True))
    return found


def _seen(clean: list[dict[str, list[int]]], part: float) -> float:
    """Of series of at least fifty a month, how many are seen when the last month is cut to a part."""
    seen = total = 0
    for months in clean[:50]:
        for name, values in months.items():
            if np.median(values[:-1]) >= 50:
                total += 1
                cut = {**months, name: [*values[:-1], int(np.median(values[:-1]) * part)]}
                seen += name in {one.series for one in unusual_counts(cut)}
    return seen / max(total, 1)


if __name__ == "__main__":
    main()
