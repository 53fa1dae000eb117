"""How sources write things down: spellings of names, forms of dates, words for parties, places and weapons.

What doesn't belong here: which source says what (`captures.py`). Parties and governorates are written as the profile's
aliases have them; the words below are checked against its vocabulary by a test.
"""

import datetime as dt
import random
from collections.abc import Iterable, Mapping
from functools import cached_property

from casualty_pipeline.profile.loader import Profile
from casualty_pipeline.sample.people import FullName
from casualty_pipeline.sample.scenario import FamilyName, GivenName, Place

WORDS: Mapping[tuple[str, str, str], tuple[str, ...]] = {
    ("mechanism", "airstrike", "en"): ("airstrike", "air strike", "warplane"),
    ("mechanism", "airstrike", "ar"): ("غارة جوية", "قصف جوي"),
    ("mechanism", "shelling", "en"): ("shelling", "artillery"),
    ("mechanism", "shelling", "ar"): ("قصف مدفعي",),
    ("mechanism", "gunfire", "en"): ("gunfire", "gunshot", "shooting"),
    ("mechanism", "gunfire", "ar"): ("رصاص", "إطلاق نار"),
    ("mechanism", "landmine", "en"): ("landmine", "mine"),
    ("mechanism", "landmine", "ar"): ("لغم", "انفجار لغم"),
    ("mechanism", "bombing", "en"): ("bombing", "car bomb", "explosion"),
    ("mechanism", "bombing", "ar"): ("تفجير", "سيارة مفخخة"),
    ("mechanism", "killing", "en"): ("killing", "assassination"),
    ("mechanism", "killing", "ar"): ("قتل", "اغتيال"),
    ("circumstance", "torture", "en"): ("torture", "death under torture"),
    ("circumstance", "torture", "ar"): ("تعذيب", "تحت التعذيب"),
    ("circumstance", "drowning", "en"): ("drowning", "drowned"),
    ("circumstance", "drowning", "ar"): ("غرق",),
    ("circumstance", "natural_death", "en"): ("covid-19", "illness"),
    ("circumstance", "natural_death", "ar"): ("كورونا", "وفاة طبيعية"),
    ("sex", "male", "en"): ("male", "m"),
    ("sex", "male", "ar"): ("ذكر",),
    ("sex", "female", "en"): ("female", "f"),
    ("sex", "female", "ar"): ("أنثى", "انثى"),
    ("age_group", "adult", "en"): ("adult",),
    ("age_group", "adult", "ar"): ("بالغ",),
    ("age_group", "child", "en"): ("child", "minor"),
    ("age_group", "child", "ar"): ("طفل",),
    ("status", "killed", "en"): ("killed", "dead", "died"),
    ("status", "killed", "ar"): ("قتيل", "متوفى"),
    ("status", "injured", "en"): ("injured", "wounded"),
    ("status", "injured", "ar"): ("جريح",),
    ("civilian_status", "civilian", "en"): ("civilian",),
    ("civilian_status", "civilian", "ar"): ("مدني",),
    ("civilian_status", "combatant", "en"): ("combatant", "fighter"),
    ("civilian_status", "combatant", "ar"): ("مقاتل",),
    ("certainty", "established", "en"): ("confirmed",),
    ("certainty", "established", "ar"): ("مؤكد",),
    ("certainty", "believed", "en"): ("likely",),
    ("certainty", "believed", "ar"): ("نعتقد",),
    ("special_group", "medical", "en"): ("medical", "nurse"),
    ("special_group", "medical", "ar"): ("كوادر طبية",),
    ("special_group", "media", "en"): ("media", "photographer"),
    ("special_group", "media", "ar"): ("إعلامي",),
    ("special_group", "civil_defense", "en"): ("civil defense",),
    ("special_group", "civil_defense", "ar"): ("دفاع مدني",),
    ("special_group", "relief", "en"): ("aid worker",),
    ("special_group", "relief", "ar"): ("إغاثي",),
}

MONTHS_EN = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
MONTHS_AR = (
    *("كانون الثاني", "شباط", "آذار", "نيسان", "أيار", "حزيران", "تموز", "آب"),
    *("أيلول", "تشرين الأول", "تشرين الثاني", "كانون الأول"),
)
ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")

NARRATIVES = {
    ("airstrike", "en"): "Residents said that aircraft circled over {place} before the strike; houses collapsed.",
    ("airstrike", "ar"): "قال الأهالي إن الطائرات حلّقت فوق {place} قبل الغارة وانهارت منازل.",
    ("shelling", "en"): "Shells fell on a residential street of {place}.",
    ("shelling", "ar"): "سقطت قذائف على شارع سكني في {place}.",
    ("gunfire", "en"): "Shot on a road near {place}.",
    ("gunfire", "ar"): "أصيب بالرصاص على طريق قرب {place}.",
    ("landmine", "en"): "A mine went off in farmland near {place}.",
    ("landmine", "ar"): "انفجر لغم في أرض زراعية قرب {place}.",
    ("bombing", "en"): "A vehicle exploded beside the market of {place}.",
    ("bombing", "ar"): "انفجرت سيارة قرب سوق {place}.",
    ("killing", "en"): "Found dead near {place}; nobody has claimed it.",
    ("killing", "ar"): "عُثر على الجثمان قرب {place} ولم تتبنَّ أي جهة العملية.",
    ("torture", "en"): "The family was told of the death in custody, and was given no body.",
    ("torture", "ar"): "أُبلغت العائلة بالوفاة في مكان الاحتجاز ولم تتسلم الجثمان.",
    ("drowning", "en"): "Drowned in the river near {place}.",
    ("drowning", "ar"): "غرق في النهر قرب {place}.",
}


def iso(day: dt.date) -> str:
    """2020-03-05."""
    return day.isoformat()


def slashed(day: dt.date) -> str:
    """05/03/2020: the day first, as in Syria."""
    return f"{day.day:02}/{day.month:02}/{day.year}"


def slashed_arabic(day: dt.date) -> str:
    """٥/٣/٢٠٢٠."""
    return f"{day.day}/{day.month}/{day.year}".translate(ARABIC_DIGITS)


def spoken(day: dt.date) -> str:
    """5 March 2020."""
    return f"{day.day} {MONTHS_EN[day.month - 1]} {day.year}"


def spoken_arabic(day: dt.date) -> str:
    """5 آذار 2020."""
    return f"{day.day} {MONTHS_AR[day.month - 1]} {day.year}"


def _is_arabic(text: str) -> bool:
    return any("\u0600" <= letter <= "\u06ff" for letter in text)


class Wording:
    """One writer's choices. `script` is `ar` or `en`."""

    def __init__(self, profile: Profile, rng: random.Random) -> None:
        self._profile = profile
        self._rng = rng

    @cached_property
    def _parties(self) -> dict[tuple[str, str], list[str]]:
        return self._by_script(self._profile.party_aliases)

    @cached_property
    def _governorates(self) -> dict[tuple[str, str], list[str]]:
        return self._by_script(self._profile.governorate_aliases)

    @staticmethod
    def _by_script(aliases: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
        found: dict[tuple[str, str], list[str]] = {}
        for alias, value in aliases:
            found.setdefault((value, "ar" if _is_arabic(alias) else "en"), []).append(alias)
        return found

    def word(self, field: str, value: str, script: str) -> str:
        """A word for a value of the profile's vocabulary; empty for an empty value."""
        return self._rng.choice(WORDS[field, value, script]) if value else ""

    def party(self, claim: str, script: str) -> str:
        """A spelling of the party claimed."""
        return self._rng.choice(self._parties[claim, script])

    def governorate(self, pcode: str, script: str) -> str:
        """A spelling of the governorate: mostly its usual name."""
        known = self._governorates[pcode, script]
        usual = self._profile.governorate[pcode].label[script]
        return usual if self._rng.random() < 0.6 else self._rng.choice(known)

    def place(self, place: Place, script: str) -> str:
        """A spelling of the place."""
        if script == "ar":
            return place.ar
        return place.variant if self._rng.random() < 0.15 else place.en

    def narrative(self, about: str, place: Place, script: str) -> str:
        """One invented sentence; empty where there is none for such an event."""
        return NARRATIVES.get((about, script), "").format(place=place.ar if script == "ar" else place.en)

    # ---- names ----

    def name(self, name: FullName, script: str, style: str = "") -> str:
        """A full name as one source writes it.

        `style` says which part may be missing: never both the father's and the grandfather's, and never another one in
        another source, so that two spellings of a person always share the given, one more and the family name.
        """
        parts: list[GivenName | FamilyName] = [name.given]
        father = style != "no_father" or self._rng.random() < 0.4
        grandfather = style != "no_grandfather" and (style in {"full", "no_father"} or self._rng.random() < 0.35)
        parts += [name.father] if father else []
        parts += [name.grandfather] if grandfather else []
        parts.append(name.family)
        return " ".join(self._arabic(p) if script == "ar" else self._latin(p) for p in parts)

    def _latin(self, part: GivenName | FamilyName) -> str:
        # The first spelling is the commonest one; the others share the rest.
        spelling = part.latin[0] if self._rng.random() < 0.6 else self._rng.choice(part.latin)
        if isinstance(part, GivenName):
            return spelling
        article = self._rng.choices(("Al-", "al-", "Al ", "El-", ""), weights=(45, 25, 12, 8, 10))[0]
        return article + spelling

    def _arabic(self, part: GivenName | FamilyName) -> str:
        text = part.ar
        if isinstance(part, FamilyName) and text.startswith("ال") and self._rng.random() < 0.06:
            text = text[2:]
        chance = self._rng.random()
        if chance < 0.12:
            text = text.translate(str.maketrans("أإآ", "ااا"))
        elif chance < 0.18 and text.endswith("ة"):
            text = text[:-1] + "ه"
        elif chance < 0.21 and text.endswith("ى"):
            text = text[:-1] + "ي"
        elif chance < 0.24 and text[1:3].strip("اأإدذرزو ") == text[1:3]:
            # Tatweel stretches a letter that joins the next one.
            text = text[:2] + "ـ" + text[2:]
        elif chance < 0.26 and text.startswith("م"):
            text = text[0] + "\u064f" + text[1:]
        elif chance < 0.29:
            text = text.replace("عبد ", "عبد")
        return text
