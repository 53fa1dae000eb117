"""Which known places a statement's texts name. What doesn't belong here: governorate field and coordinates (`gazetteer`)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from casualty_pipeline.cleaning.places.governorates import Governorates
from casualty_pipeline.cleaning.places.index import PlaceIndex
from casualty_pipeline.cleaning.places.keys import Part, parts
from casualty_pipeline.profile import Place


@dataclass(frozen=True)
class Named:
    """What the texts of a place name.

    `key`: the text's. `places`: every place that may be meant. `literal`: the ids of those whose very spelling it is; the
    others are only folded alike. `within`: the event was near it or somewhere in it. `shared`: the name is borne by more
    places than are listed. `governorates`: those named beside a place, or alone. `instead`: those named as an alternative to
    the place. `learnt`: by a decision. `abroad`: the country that is named.
    """

    key: str = ""
    places: tuple[Place, ...] = ()
    literal: frozenset[str] = frozenset()
    within: bool = False
    shared: bool = False
    governorates: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    learnt: bool = False
    abroad: str | None = None

    @property
    def pcodes(self) -> tuple[str, ...]:
        """The governorates of the places."""
        return tuple(sorted({place.governorate for place in self.places}))

    @property
    def says_nothing(self) -> bool:
        """Whether nothing in the texts is known."""
        return not (self.places or self.governorates or self.shared or self.abroad)

    def only(self, kept: Iterable[Place]) -> "Named":
        """The same, of some of its places; of several, those whose very spelling it is."""
        places = tuple(kept)
        exact = tuple(place for place in places if place.id in self.literal)
        return replace(self, places=exact or places)


class Namer:
    """Looks the pieces of a text up: first what decisions taught, then the index."""

    def __init__(self, index: PlaceIndex, governorates: Governorates, learnt: Mapping[str, Place | str]) -> None:
        self._index = index
        self._governorates = governorates
        self._learnt = learnt
        self.text = lru_cache(maxsize=100_000)(self._text)

    def _part(self, pieces: Iterable[Part]) -> Named | None:
        """What one piece names, by the first of its keys that is known."""
        for part in pieces:
            within = part.within or part.order > 0
            taught = self._learnt.get(part.key)
            if isinstance(taught, Place):
                return Named("", (taught,), frozenset({taught.id}), within, learnt=True)
            if taught is not None:
                return Named(within=True, governorates=(taught,), learnt=True)
            abroad = self._governorates.abroad(part.key)
            if abroad is not None:
                return Named(abroad=abroad)
            around = self._governorates.named_with_countryside(part.key)
            # "Several towns in Idlib" is anywhere in the governorate, "a street in Idlib city" in its capital.
            if around and within and not part.city:
                return Named(within=True, governorates=around)
            known = self._index.find(part.key)
            if known.places or known.shared:
                return Named("", known.places, known.literal, within, known.shared, around)
            if around:
                return Named(within=True, governorates=around)
        return None

    def _text(self, text: str) -> Named:
        """What one text names. Its first known piece is the place; later ones only say in which governorate it lies."""
        pieces = parts(text)
        return replace(self._pieces(pieces), key=pieces[0][0].key) if pieces else Named()

    def _pieces(self, pieces: Sequence[Sequence[Part]]) -> Named:
        found = [(named, piece[0]) for piece in pieces if (named := self._part(piece)) is not None]
        if not found:
            return Named()
        if found[0][1] is pieces[0][0]:  # the text as a whole
            return found[0][0]
        first = min(part.order for _, part in found)
        side_by_side = [named for named, part in found if part.order == first]
        leading = [named for named in side_by_side if named.places or named.shared]
        # "Kafr Zita or Idlib": the second is no context of the first.
        alone = {p for named in side_by_side if not (named.places or named.shared) for p in named.governorates}
        context = {pcode for named, part in found if part.order > first for pcode in named.governorates}
        instead: set[str] = alone if leading else set()
        if not leading:
            context |= alone
        places, shared = self._narrowed(leading, context)
        if not places:  # "al-Qusur, Idlib city": somewhere in what holds it
            leading = [named for named, part in found if part.order > first and named.places][:1] or leading
            places, shared = self._narrowed(leading, context)
        return Named(
            "",
            tuple(places[key] for key in sorted(places)),
            frozenset[str]().union(*(named.literal for named in leading)),
            within=len(leading) > 1 or any(named.within for named in leading),
            shared=shared,
            governorates=tuple(sorted(context)),
            instead=tuple(sorted(instead)),
            learnt=any(named.learnt for named, _ in found),
            abroad=next((named.abroad for named, _ in found if named.abroad), None),
        )

    @staticmethod
    def _narrowed(leading: Sequence[Named], context: set[str]) -> tuple[Mapping[str, Place], bool]:
        """The places that pieces name, if there are any those in the governorates around; whether the name is shared."""
        shared = any(named.shared for named in leading)
        places = {place.id: place for named in leading for place in named.places}
        narrowed = {key: place for key, place in places.items() if place.governorate in context}
        return (narrowed, not narrowed) if context and (narrowed or shared) else (places, shared)

    def texts(self, place: str | None, place_ar: str | None) -> Named:
        """What the two texts of one place name together: what they agree on, else all of it."""
        one, other = (self.text(text) if text and text.strip() else Named() for text in (place, place_ar))
        if one.says_nothing or other.says_nothing:
            return replace(other if one.says_nothing else one, key=one.key or other.key)
        telling = other if one.shared else one
        if one.shared != other.shared and telling.places:  # one name tells more than the other
            return telling
        agreed = {p.id for p in one.places} & {p.id for p in other.places}
        pcodes = set(one.pcodes) & set(other.pcodes)
        if agreed:
            places = tuple(p for p in one.places if p.id in agreed)
        elif pcodes:
            # "Aleppo" beside الباب, which lies in Aleppo governorate; or what is precise beside what is near.
            finer = other if (bool(one.governorates), one.within) > (bool(other.governorates), other.within) else one
            places = tuple(p for p in finer.places if p.governorate in pcodes)
        else:
            places = tuple({p.id: p for p in (*one.places, *other.places)}.values())
        return Named(
            one.key,
            tuple(sorted(places, key=lambda p: p.id)),
            one.literal | other.literal,
            within=one.within and other.within if agreed else one.within or other.within,
            shared=one.shared or other.shared,
            governorates=tuple(sorted({*one.governorates, *other.governorates})),
            instead=tuple(sorted({*one.instead, *other.instead})),
            learnt=one.learnt or other.learnt,
            abroad=one.abroad or other.abroad,
        )
