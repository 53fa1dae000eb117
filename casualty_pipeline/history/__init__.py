"""The stages as of another moment: what was known then, computed again from the same captures and decisions.

`events` lists what became known and when; `replay` brings a copy of the warehouse to any set of events.
"""

from casualty_pipeline.history.events import Event, EventSet, as_of, events
from casualty_pipeline.history.replay import Replay, month_at, replaying

__all__ = ["Event", "EventSet", "Replay", "as_of", "events", "month_at", "replaying"]
