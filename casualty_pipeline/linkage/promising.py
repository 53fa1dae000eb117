"""Which pairs are worth comparing: those that could be kept by what sketches of the two statements leave possible.

Here belongs a bound of the weight of a pair, on numbers alone (`sketches`), so that most pairs that meet cost next to
nothing. Nothing is lost by it: what it leaves out would have been compared by `sql/deduplicated/facts.sql` and
`compared.sql`, and then thrown away. Each bound follows the order of cases there.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from casualty_pipeline.linkage.model import Model
from casualty_pipeline.linkage.sketches import MISSING, NO_AGE

Array = NDArray[Any]

_AT_ONCE = 32_768  # pairs: what is computed of them stays in the processor's cache
_ROUNDED = 0.15  # weights have one decimal
_NEVER = -1000.0
_RARE = 20  # bits of names from which they are very rare, in `compared.sql`


class Promising:
    """Says of pairs of statements which are worth comparing."""

    def __init__(self, sketches: pl.DataFrame, model: Model) -> None:
        """`sketches`: as `sketches.sketches` makes them, of all statements that will be asked about."""
        self._bits = _best(model)
        numbers = sketches["record_no"].to_numpy()
        self._row = np.zeros(int(numbers.max(initial=0)) + 1, np.int32)
        self._row[numbers] = np.arange(len(numbers), dtype=np.int32)
        self._of: Mapping[str, Array] = {c.name: c.to_numpy() for c in sketches.drop("record_no")}

    def __call__(self, a: Array, b: Array) -> Array:
        """Whether each pair of numbers is worth comparing."""
        parts = (slice(start, start + _AT_ONCE) for start in range(0, len(a), _AT_ONCE))
        found = [self._worth(self._row[a[part]], self._row[b[part]]) for part in parts]
        return np.concatenate(found) if found else np.empty(0, np.bool_)

    def _worth(self, x: Array, y: Array) -> Array:
        """The same of rows of the sketches. What costs little goes first; the next is asked only of what is left."""
        chosen, enough, loose = np.zeros(len(x), np.bool_), self._bits["enough"][0], self._of["loose"]
        most, near, tied = self._facts(x, y)
        left = np.flatnonzero(near | (most + self._bits["names"][0] >= enough))
        x, y, most = x[left], y[left], most[left]
        names, given, level, kin = self._letters(x, y)
        always = kin & near[left] | loose[x] | loose[y]
        chosen[left[always]] = True
        open_ = np.flatnonzero(~always & (most + names >= enough))
        names = self._names(x[open_], y[open_], tied[left[open_]], given[open_], level[open_])
        chosen[left[open_[most[open_] + names >= enough]]] = True
        return chosen

    def _facts(self, x: Array, y: Array) -> tuple[Array, Array, Array]:
        """The most bits of `FACTS`; whether nothing sets the deaths apart; whether more than names ties the two."""
        of, bits = self._of, self._bits

        def both(name: str) -> tuple[Array, Array]:
            one, other = of[name][x], of[name][y]
            return one == other, (one >= 0) & (other >= 0)

        same, known = both("sex")
        most = bits["sex"][(~same & known).astype(np.int8)]
        first = of["day_first"]
        dated = (first[x] > MISSING) & (first[y] > MISSING)
        days = np.maximum(first[x], first[y]) - np.minimum(of["day_last"][x], of["day_last"][y])
        level = np.where(dated, 1 + (days > 0) + (days > 1).astype(np.int8) + (days > 3) + (days > 31), 0)
        most += bits["day"][level]
        same, known = both("governorate")
        far = known & ~same
        one_id, two_ids = both("place_id")
        one_key, two_keys = both("place")
        here = np.where(two_ids, one_id, one_key & two_keys)
        told = two_ids | two_keys
        one, other = of["place_letters"][x], of["place_letters"][y]
        alike = two_keys & (_edits(one, other) <= 2)
        most += bits["place"][np.select([far, here & told, ~told, alike], [0, 1, 2, 3], 4)]
        same, known = both("incident")
        reported = same & known
        same, known = both("source")
        most += bits["list"][np.where(reported, 1, (known & ~same) * np.int8(2))]
        same, known = both("occupation")
        most += bits["trade"][(same & known).astype(np.int8)]
        same, born = both("birth_written")
        first = of["birth_first"]
        stated = (first[x] > MISSING) & (first[y] > MISSING)
        gap = np.maximum(first[x], first[y]) - np.minimum(of["birth_last"][x], of["birth_last"][y])
        # As in `facts.sql`, an age that only one tells is taken for that of both.
        youngest = np.maximum(of["age_first"][x], of["age_first"][y])
        oldest = np.minimum(of["age_last"][x], of["age_last"][y])
        aged, age = (youngest >= 0) & (oldest < NO_AGE), youngest - oldest
        gap = np.where(stated, gap, age * 365)
        level = 1 + (gap > 366) + (gap > 731).astype(np.int8) + (gap > 1827) + (gap > 3653)
        level = np.where(stated | aged, level, 0)
        level = np.where(born, np.where(same, 6, 7), level)
        most += bits["birth"][level]
        tied = reported | (dated & (days <= 3)) | (here & told) | alike | born | (level == 1)
        return most, ~far & (~dated | (days <= 3)), tied

    def _letters(self, x: Array, y: Array) -> tuple[Array, Array, Array, Array]:
        """By letters alone: the most bits of names; those of the given name; the level of the others by their letters;
        whether the forefathers' names may be the same.
        """
        of, bits = self._of, self._bits
        script = of["arabic"][x] & of["arabic"][y]
        given = _edits(*_of_both(of["given"], of["sound"], script, x, y))
        latin = np.flatnonzero(~script & (given > 0) & of["latin"][x] & of["latin"][y])
        given[latin] = _edits(of["latin_given"][x[latin]], of["latin_given"][y[latin]])
        apart = _edits(*_of_both(of["rest"], of["sound_rest"], script, x, y))
        length = np.maximum(*_of_both(of["rest_length"], of["sound_length"], script, x, y))
        kin = apart <= np.maximum(1, 0.3 * length)
        level = 2 - kin.astype(np.int8) + (apart > 0.5 * length)
        level[kin] = 1
        first = bits["given"][(given > 0) + (given > 2).astype(np.int8)]
        return first + bits["by_letters"][level], first, level, kin

    def _names(self, x: Array, y: Array, tied: Array, given: Array, level: Array) -> Array:
        """The most bits of names, script and context."""
        of, bits = self._of, self._bits
        script = of["arabic"][x] & of["arabic"][y]
        latin = ~script & of["latin"][x] & of["latin"][y]
        words = _of_both(of["words"], of["sounds"], script, x, y)
        fewer, more = np.minimum(*words), np.maximum(*words)
        marks = _of_both(of["marks"], of["sound_marks"], script, x, y)
        shared = np.bitwise_count(marks[0] & marks[1])
        shared = shared + np.maximum(*_of_both(of["unmarked"], of["sound_unmarked"], script, x, y))
        all_but_one = fewer <= shared + 1
        lineage = np.where(level < 3, level, np.where(all_but_one & (shared > 0), np.where(shared > 1, 3, 4), 5))
        lineage[fewer == 0] = 0
        within = (shared >= fewer) & (shared > 0)
        shorter = np.where(within, np.where(shared > 1, 2, 3), 0)
        shorter[(fewer == 1) & (more > 1)] = 1
        edits = _edits(*_of_both(of["whole"], of["sound_whole"], script, x, y))
        written = np.maximum(of["whole_length"][x], of["whole_length"][y])
        whole = 1 + (edits > 0) + (edits > 1).astype(np.int8) + ((edits > 2) & (of["shape"][x] != of["shape"][y]))
        far = np.flatnonzero(whole == 4)
        letters, length = edits[far], written[far]
        whole[far] += ((letters > 3) & (letters > 0.15 * length)).astype(np.int8)
        whole[far] += (letters > 3) & (letters > 0.3 * length)
        whole = np.where(script, whole, np.where(latin, 7, np.where(edits > 1, 0, 8)))
        most: Array = given + np.maximum(bits["lineage"][lineage] + bits["whole"][whole], bits["shorter"][shorter])
        most = np.maximum(most, bits["swapped"][(more == 1).astype(np.int8)])
        most += bits["script"][np.where(script, 1, np.where(latin, 2, 3))]
        rare = np.minimum(*_of_both(of["bits"], of["sound_bits"], script, x, y)) >= _RARE
        most += bits["context"][(tied | rare).astype(np.int8)]
        return most


def _of_both(spelled: Array, sounded: Array, arabic: Array, x: Array, y: Array) -> tuple[Array, Array]:
    """What both say in Arabic, or else by sound."""
    other = np.flatnonzero(~arabic)
    one, two = spelled[x], spelled[y]
    one[other], two[other] = sounded[x[other]], sounded[y[other]]
    return one, two


def _edits(one: Array, other: Array) -> Array:
    """At least as many letters have to be changed to make one of the other."""
    edits: Array = np.maximum(np.bitwise_count(one & ~other), np.bitwise_count(other & ~one))
    return edits


def _best(model: Model) -> dict[str, Array]:
    """The most bits, by what the sketches leave possible. `names`: of all that isn't told of facts; `enough`: what a pair
    worth keeping reaches at least, without what sketches don't tell.
    """
    bits = {c.name: {0: 0.0} | {level.number: level.bits for level in c.levels} for c in model.comparisons}

    def best(name: str, *levels: Iterable[int]) -> Array:
        most = [max((bits[name].get(level, 0.0) for level in some), default=_NEVER) for some in levels]
        return np.array(most, np.float32)

    def silenced(name: str, upto: int, *levels: Iterable[int]) -> Array:
        """Levels up to one that `compared.sql` may count as 0."""
        return best(name, *([0, *some] if min(some) <= upto else some for some in map(list, levels)))

    every = {name: max(of.values()) for name, of in bits.items()}
    given, lineage = set(bits["given"]), set(bits["lineage"]) - {5, 6, 10}
    told = {
        "given": best("given", given, given - {0, 1, 2}, given - {0, 1, 2, 3, 4, 9, 10}),
        "swapped": np.array([_NEVER, *best("given", [4])], np.float32),
        "lineage": best("lineage", [0], lineage - {0}, lineage - {0, 1, 2, 3}, [7, 8, 9], [8, 9], [9]),
        "shorter": best("lineage", [], [5, 6, 10], [5, 10], [10]),
        "whole": best("whole", [0], *(range(level, 7) for level in range(1, 7)), [0, 1, 2, 3], [0, 2, 3]),
        "script": best("script", [0], [1], [2], [3]),
        "context": best("context", [2], bits["context"]),
        "sex": best("sex", [0, 1], [2]),
        "day": silenced("day", 5, [0], [1, 3, 4], [2], [5], [6], [7]),
        "place": silenced("place", 4, [6, 7], [1], [0, 3], [2, 4, 5], [4, 5]),
        "list": best("list", [0], [1], [2]),
        "trade": best("occupation", [0, 2], [1]),
        "birth": best("birth", [0], [4], [8], [9], [10], [11], [1, 2], [0, 3, 4, 5, 6, 7, 12]),
    }
    told["birth"][[0, 7]] = np.maximum(told["birth"][[0, 7]], every["age_group"])
    untold = every["family"] + every["rarity"] + every["namesake"]
    beside = every["whole"] + every["script"] + every["context"]
    rest = told["lineage"]
    most = [max(rest[0], rest[level:].max(), told["shorter"].max()) for level in (1, 2, 3)]
    told["by_letters"] = np.array([_NEVER, *most], np.float32) + np.float32(beside)
    names = every["given"] + every["lineage"] + beside
    enough = -model.review_band - model.prior - untold - _ROUNDED
    return told | {"names": np.array([names]), "enough": np.array([enough])}
