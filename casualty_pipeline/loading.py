"""Loading what is heavy. What belongs here: how; what is loaded, and when, is its user's business."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Load many modules, or make what lives as long as the process, without looking for garbage in it.

    Hundreds of thousands of objects come that stay. Python would go through all of them again and again in vain: a third of
    the time that importing takes. Afterwards they are set aside for good, and garbage is collected among what comes later.
    """
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collected:
            gc.enable()
