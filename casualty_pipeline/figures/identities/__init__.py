"""What must hold between figures, and the proof of what breaks it, for any table in the figure schema.

`rules.toml` declares the identities once, `declared` reads them. `network` turns figures into unknowns and rows,
`propagation` and `search` reason about them exactly, `relaxation` asks a solver where they can't tell, `conflicts` finds
the smallest sets of figures that contradict each other, `derived` what follows from those that don't. `complete` does the
same by plain sums for our own tables, which leave nothing out. `audit` is the whole, `reading` and `telling` its two ends.
"""

from casualty_pipeline.figures.identities.audit import contradictions
from casualty_pipeline.figures.identities.telling import Contradiction

__all__ = ["Contradiction", "contradictions"]
