"""Every table of the warehouse, declared once.

From these declarations come the DuckDB DDL (`warehouse.py`), Dagster's column schema metadata (`orchestration/metadata.py`)
and `docs/data-dictionary.md` (`make dictionary`). A column that holds personal data says so: it never reaches logs, check
metadata or an open bundle.
"""

from collections.abc import Mapping
from dataclasses import dataclass

STAGES = ("captures", "cleaned", "deduplicated", "attributed", "monthly", "reports")


@dataclass(frozen=True)
class Column:
    """One column: its name, DuckDB type and what it means."""

    name: str
    type: str
    description: str
    required: bool = False
    personal: bool = False


@dataclass(frozen=True)
class Table:
    """One table of one stage. `month` names the column that a month of it is replaced by; empty for unpartitioned tables.

    `working`: the stage's own memory, which serves it alone: no asset, since nobody builds on it.
    """

    stage: str
    name: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    month: str = ""
    working: bool = False

    @property
    def full_name(self) -> str:
        """`stage.name`, as SQL calls it."""
        return f"{self.stage}.{self.name}"

    def ddl(self) -> str:
        """CREATE TABLE IF NOT EXISTS for this table."""
        lines = [f'    "{c.name}" {c.type}{" not null" if c.required else ""}' for c in self.columns]
        return f"create table if not exists {self.full_name} (\n" + ",\n".join(lines) + "\n)"


def _text(name: str, description: str, required: bool = False, personal: bool = False) -> Column:
    return Column(name, "VARCHAR", description, required, personal)


def _id(name: str, description: str) -> Column:
    return Column(name, "VARCHAR", description, required=True)


def _integer(name: str, description: str, required: bool = False) -> Column:
    return Column(name, "INTEGER", description, required)


def _flag(name: str, description: str) -> Column:
    return Column(name, "BOOLEAN", description, required=True)


def _date(name: str, description: str, personal: bool = False) -> Column:
    return Column(name, "DATE", description, personal=personal)


def _moment(name: str, description: str) -> Column:
    return Column(name, "TIMESTAMP", f"{description} (UTC)", required=True)


def _raw(name: str, description: str, personal: bool = False) -> Column:
    return Column(name, "VARCHAR", f"{description}, as given", personal=personal)


MONTH = _id("documentation_month", "month in which it was documented (YYYY-MM): the month that counts (R10)")

# What a source may say in one statement: the fields that a source's mapping can name. Strings exactly as given.
STATEMENT_FIELDS: tuple[Column, ...] = (
    _raw("incident_ref", "the source's own code of the incident"),
    _raw("name_ar", "name in Arabic", personal=True),
    _raw("name_en", "name in Latin script", personal=True),
    _raw("sex", "sex"),
    _raw("age", "age"),
    _raw("age_group", "child or adult"),
    _raw("birth_date", "date or year of birth", personal=True),
    _raw("persons", "number of persons that the statement is about (R7)"),
    _raw("status", "killed, injured or unborn"),
    _raw("civilian_status", "civilian or combatant"),
    _raw("death_date", "date of death"),
    _raw("injury_date", "date of the injury that led to the death (R9)"),
    _raw("arrest_date", "date of the arrest or disappearance (R9)"),
    _raw("found_date", "date on which the body was found (R9)"),
    _raw("reported_date", "date on which the family or the recorder was told (R9)"),
    _raw("incident_date", "date of the incident"),
    _raw("incident_date_end", "last possible date of the incident"),
    _raw("incident_time", "time of day of the incident"),
    _raw("documented_date", "date on which the source documented or published it (R9)"),
    _raw("governorate", "governorate where killed"),
    _raw("origin_governorate", "governorate of origin"),
    _raw("place", "place where killed, in Latin script"),
    _raw("place_ar", "place where killed, in Arabic"),
    _raw("latitude", "latitude"),
    _raw("longitude", "longitude"),
    _raw("party", "who is held responsible"),
    _raw("certainty", "how certain the source is of the party"),
    _raw("assessment", "the source's own assessment of the report"),
    _raw("mechanism", "weapon or mechanism"),
    _raw("circumstance", "circumstance of the death"),
    _raw("special_group", "profession that is counted as a group of its own (R3)"),
    _raw("affiliation", "organisation of a member of a special group"),
    _raw("occupation", "occupation"),
    _raw("marital_status", "marital status"),
    _raw("area_of_control", "who controlled the area at the time"),
    _raw("original_source", "who said it first, where the source passes on another's statement (R8)"),
    _raw("countable_media", "yes where media show bodies that can be counted (R7)"),
    _raw("killed_min", "civilians killed in the incident, at least"),
    _raw("killed_max", "civilians killed in the incident, at most"),
    _raw("children_min", "children killed in the incident, at least"),
    _raw("women_min", "women killed in the incident, at least"),
    _raw("men_min", "men killed in the incident, at least"),
    _raw("narrative", "what happened, in the source's words", personal=True),
    _raw("url", "where the source published it"),
)

_PROVENANCE: tuple[Column, ...] = (
    _id("source", "id of the source"),
    _id("capture_sha256", "the capture that says it"),
    _id("file", "original name of the capture"),
    _text("sheet", "sheet, where the capture has sheets"),
    _integer("row_number", "row in the file or sheet, counted from 1, the header included"),
    _text("pointer", "where it stands in a capture without rows: a JSON pointer, or `offset:N` of a WARC record"),
)

CAPTURES = (
    Table(
        "captures",
        "manifest",
        "What was received: one row per entry into the archive. The same bytes received twice are one object, two entries.",
        (
            _id("entry_id", "id of the entry"),
            _id("sha256", "SHA-256 of the bytes: the object's address in the archive"),
            _id("source", "id of the source that it came from"),
            _id("delivery_id", "files that were taken in together"),
            _id("original_name", "name of the file as received"),
            _moment("received_at", "when it was received"),
            _id("media_type", "media type, sniffed from the bytes"),
            Column("size_bytes", "BIGINT", "size in bytes", required=True),
            _id("access_level", "open, restricted or confidential"),
            _text("collector", "who or what took it in"),
            _id("role", "capture, checksums (a list of hashes that came along) or proof (of another capture's age)"),
            _text("original_url", "where it was published, as the sender says"),
            _text("archive_url", "where a copy of it is archived, as the sender says"),
            _text("tool", "tool that collected it, as the sender says"),
            _text("claimed_hashes", "hashes that the sender gave, each with whether the bytes have it, as a JSON list"),
            _text("proofs", "timestamps that came along (RFC 3161, OpenTimestamps) and what they prove, as a JSON list"),
            _id("connector_version", "connector and mapping that it was read with"),
            _integer("statements", "statements read from it", required=True),
            _integer("rejected", "rows of it that were rejected", required=True),
        ),
        key=("entry_id",),
    ),
    Table(
        "captures",
        "records",
        "One row per statement of a source about a person, a group or an incident: strings as given, and where they stand.",
        (
            _id("record_id", "stable id: hash of source, key, capture and position"),
            _id("source_key", "the source's own key of the statement"),
            _id("statement", "person, group (of a stated number) or incident"),
            _flag("candidate", "read by rule from free text: it counts only once a person has confirmed it"),
            *_PROVENANCE,
            _id("connector_version", "connector and mapping that read it"),
            MONTH,
            _moment("received_at", "when the capture was received"),
            _moment("known_at", "moment of knowledge: receipt, or the date that the source's mapping declares"),
            *STATEMENT_FIELDS,
            _text("extra", "columns that the mapping doesn't name, as a JSON object", personal=True),
        ),
        key=("record_id",),
    ),
    Table(
        "captures",
        "citations",
        "The sources that a statement itself cites: what independence is counted from, where a source compiles others (R8).",
        (
            _id("citation_id", "stable id"),
            *_PROVENANCE,
            _id("incident_ref", "the source's own code of the incident"),
            _text("cited_source", "who is cited", personal=True),
            _text("author", "author, where named", personal=True),
            _text("url", "where it was published"),
            _text("archive_url", "where it is archived"),
        ),
        key=("citation_id",),
    ),
    Table(
        "captures",
        "texts",
        "Posts, messages and pages as they stand: what candidates are read from. An edited post is a text of its own.",
        (
            _id("text_id", "stable id"),
            _id("source_key", "the source's own key of the post"),
            *_PROVENANCE,
            _moment("received_at", "when the capture was received"),
            _raw("published", "when it was published"),
            _raw("edited", "when it was last edited"),
            _raw("author", "who wrote it", personal=True),
            _raw("original_source", "who said it first, where it passes on another's post (R8)"),
            _raw("reply_to", "key of the post that it answers"),
            _raw("url", "where it was published"),
            _raw("archive_url", "where it is archived"),
            _raw("title", "title", personal=True),
            _raw("content", "its text", personal=True),
        ),
        key=("text_id",),
    ),
    Table(
        "captures",
        "attachments",
        "Files that statements and posts name: photographs, videos, documents. Each is a capture, once it is here.",
        (
            _id("attachment_id", "stable id"),
            _id("source_key", "the source's own key of the statement or post"),
            *_PROVENANCE,
            _text("role", "photo, video, audio, document, screenshot or file"),
            _id("name", "name of the file, relative to what was delivered"),
            _text("url", "where it was published"),
            _text("sha256", "the capture, or null while it isn't here"),
            _text("claimed_algorithm", "algorithm of the hash that the sender gave"),
            _text("claimed_hash", "hash that the sender gave"),
            Column("verified", "BOOLEAN", "whether the bytes have that hash; null where none was given or they aren't here"),
        ),
        key=("attachment_id",),
    ),
    Table(
        "captures",
        "rejected",
        "Rows and files that could not be read as statements, each with the reason. Nothing is dropped silently.",
        (
            _id("rejected_id", "stable id"),
            *_PROVENANCE,
            _text("column_name", "column, where one is to blame"),
            _text("value", "the value found, cut to 200 characters", personal=True),
            _id("reason", "what was expected, what was found, what to do"),
        ),
        key=("rejected_id",),
    ),
    Table(
        "captures",
        "decisions",
        "The ledgers as read: human decisions, append-only. A wrong one is superseded by a later one, never edited.",
        (
            _id("decision_id", "id, unique for ever"),
            _id("kind", "attribution, verification, link, merge, retraction, candidate or place_alias"),
            _id(
                "subject",
                "`incident:SOURCE/REF` or `incident:ID`, `record:SOURCE/KEY`, `victim:ID`, `capture:SHA256`, `source:ID` or "
                "`place:TEXT`",
            ),
            _id("value", "what is decided, by kind (docs/decisions.md); `withdrawn`: what it supersedes is taken back"),
            _text("certainty", "of an attribution: established, believed or proved"),
            _text("basis", "captures that it rests on: `sha256:...`, with spaces between them"),
            _text("reason", "why", personal=True),
            _id("decided_by", "a role or initials"),
            _moment("decided_at", "when it was decided"),
            _text("supersedes", "id of the decision that it replaces"),
            *_PROVENANCE,
        ),
        key=("decision_id",),
    ),
)


def _interval(name: str, what: str) -> tuple[Column, Column, Column]:
    return (
        _date(f"{name}_first", f"first possible date of {what}"),
        _date(f"{name}_last", f"last possible date of {what}"),
        _raw(f"{name}_date_raw", f"date of {what}"),
    )


CLEANED = (
    Table(
        "cleaned",
        "records",
        "Statements with typed values, the raw value beside each. Persons inherit what their incident's statement says.",
        (
            _id("record_id", "the statement"),
            _id("source", "id of the source"),
            _id("source_key", "the source's own key of the statement"),
            _id("statement", "person, group or incident"),
            MONTH,
            _moment("known_at", "moment of knowledge"),
            _date("documented_on", "date of documentation"),
            _text("incident_ref", "`SOURCE/REF` of the incident, where the source names one"),
            _text("name_ar", "name in Arabic, as given", personal=True),
            _text("name_en", "name in Latin script, as given", personal=True),
            _text("name_ar_normal", "Arabic name in normal form", personal=True),
            _text("name_en_normal", "Latin name in normal form", personal=True),
            Column("other_names", "VARCHAR[]", "nicknames and noms de guerre, as given", personal=True),
            _flag("unnamed", "no name by which a person can be recognised"),
            _integer("persons", "number of persons", required=True),
            _integer("stated_children", "children among them, as the name's own words say (`and his two children`)"),
            _integer("stated_women", "women among them, likewise"),
            _integer("stated_men", "men among them, likewise"),
            _integer("stated_female", "female persons of any age among them, likewise"),
            _integer("stated_male", "male persons of any age among them, likewise"),
            _text("sex", "male, female or null"),
            _raw("sex_raw", "sex"),
            _integer("age_first", "lowest possible age, in completed years"),
            _integer("age_last", "highest possible age, in completed years"),
            _raw("age_raw", "age"),
            _text("age_group", "child, adult or null: from the age, else as stated"),
            _raw("age_group_raw", "child or adult"),
            Column(
                "birth_year_first",
                "INTEGER",
                "first possible year of birth: as stated, else from age and death",
                personal=True,
            ),
            Column("birth_year_last", "INTEGER", "last possible year of birth", personal=True),
            _date("birth_first", "first possible date of birth", personal=True),
            _date("birth_last", "last possible date of birth", personal=True),
            _raw("birth_date_raw", "date of birth", personal=True),
            _id("status", "killed, injured, unborn or unknown; killed where the source lists only the killed"),
            _raw("status_raw", "status"),
            _text("civilian_status", "civilian, combatant or null"),
            _raw("civilian_status_raw", "civilian status"),
            _date("death_first", "first possible date of death"),
            _date("death_last", "last possible date of death"),
            _raw("death_date_raw", "date of death"),
            *_interval("injury", "the injury"),
            *_interval("arrest", "the arrest or disappearance"),
            *_interval("found", "finding the body"),
            *_interval("reported", "telling the family or the recorder"),
            _date("incident_first", "first possible date of the incident"),
            _date("incident_last", "last possible date of the incident"),
            _raw("incident_date_raw", "date of the incident"),
            _text("incident_time", "time of day of the incident"),
            _text("governorate", "p-code of the governorate where killed, as stated or by the place"),
            _raw("governorate_raw", "governorate where killed"),
            Column("governorates", "VARCHAR[]", "every p-code that the evidence leaves open (`Hama or Idlib`)"),
            _text("district", "p-code of the district"),
            _text("place_id", "the place in the gazetteer, where one matched exactly"),
            _text("place_precision", "what the place is known by: exact, place, district, governorate, country or none"),
            _text("origin_governorate", "p-code of the governorate of origin"),
            _raw("origin_governorate_raw", "governorate of origin"),
            _text("place", "place where killed, in Latin script, as given"),
            _text("place_ar", "place where killed, in Arabic, as given"),
            _text("place_key", "place in a form that can be compared"),
            Column("latitude", "DOUBLE", "latitude, degrees"),
            Column("longitude", "DOUBLE", "longitude, degrees"),
            _text("claim", "party claimed: an id, `a+b` jointly, `a|b` one of them, `unidentified`, or null"),
            _raw("party_raw", "party"),
            _text("certainty", "established, believed, contested, single_source or null"),
            _raw("certainty_raw", "certainty"),
            _text("assessment", "the source's own assessment"),
            _raw("assessment_raw", "assessment"),
            _text("mechanism", "mechanism"),
            _raw("mechanism_raw", "mechanism"),
            _text("circumstance", "circumstance"),
            _raw("circumstance_raw", "circumstance"),
            _text("special_group", "special group"),
            _raw("special_group_raw", "special group"),
            _text("affiliation", "organisation of a member of a special group"),
            _text("occupation", "occupation, as given"),
            _text("occupation_group", "occupation, as the profile groups it"),
            _text("marital_status", "marital status"),
            _raw("marital_status_raw", "marital status"),
            _text("area_of_control", "who controlled the area, as given"),
            _text("area_controlled_by", "who controlled the area: a party's id, `a+b` together, `a|b` one of them"),
            _text("original_source", "who said it first: the source itself, or whom it passes on"),
            _flag("countable_media", "media show bodies that can be counted"),
            _integer("killed_min", "killed in the incident, at least"),
            _integer("killed_max", "killed in the incident, at most"),
            _integer("children_min", "children killed in the incident, at least"),
            _integer("women_min", "women killed in the incident, at least"),
            _integer("men_min", "men killed in the incident, at least"),
            _text("narrative", "what happened, in the source's words", personal=True),
            _text("url", "where the source published it"),
        ),
        key=("record_id",),
        month="documentation_month",
    ),
    Table(
        "cleaned",
        "quarantine",
        "Statements with a value that can't be believed or understood: one row per doubt.",
        (
            _id("record_id", "the statement"),
            _id("rule", "the rule that it breaks"),
            *_PROVENANCE,
            MONTH,
            _id("field", "the field"),
            _text("value", "the value found, cut to 200 characters", personal=True),
            _id("reason", "what was expected, what was found, what to do"),
        ),
        key=("record_id", "rule", "field"),
        month="documentation_month",
    ),
    Table(
        "cleaned",
        "flags",
        "Doubts that don't stop a statement from counting: one row per doubt. For people to look at, and to correct.",
        (
            _id("record_id", "the statement"),
            _id("rule", "the rule that raises it"),
            *_PROVENANCE,
            MONTH,
            _id("field", "the field"),
            _text("value", "the value found, cut to 200 characters", personal=True),
            _id("reason", "what is doubtful, and what would settle it"),
        ),
        key=("record_id", "rule", "field"),
        month="documentation_month",
    ),
    Table(
        "cleaned",
        "readings",
        "Each distinct string of a month's statements with what it means, by which rule, or why it can't be read.",
        (
            MONTH,
            _id("field", "the field"),
            Column("raw", "VARCHAR", "the string, as given", required=True, personal=True),
            _text("text_value", "what it means, for words, places and parties"),
            _date("first_date", "first possible date", personal=True),
            _date("last_date", "last possible date", personal=True),
            _integer("first_number", "lowest possible number"),
            _integer("last_number", "highest possible number"),
            _text("rule", "the rule by which it was read"),
            _text(
                "certainty", "stated; assumed, where a convention fills in; derived, from a part of the text; null if unread"
            ),
            _text("reason", "why it can't be read"),
            Column("statements", "BIGINT", "statements of the month that hold it", required=True),
        ),
        key=("documentation_month", "field", "raw"),
        month="documentation_month",
    ),
    Table(
        "cleaned",
        "names",
        "The parts of names and their roles, as far as they can be told: one row per record and script.",
        (
            _id("record_id", "the statement"),
            _id("script", "ar or en"),
            MONTH,
            _id("told", "by what the roles are told: particle, four words, three words, two words, kunya or one word"),
            _text("title", "title", personal=True),
            _text("kunya", "kunya (Abu X, Umm X)", personal=True),
            _text("given", "given name", personal=True),
            _text("father", "father's name", personal=True),
            _text("grandfather", "grandfather's name", personal=True),
            _text("forefathers", "names of further forefathers", personal=True),
            _text("family", "family name", personal=True),
            _text("nisba", "nisba beside the family name", personal=True),
        ),
        key=("record_id", "script"),
        month="documentation_month",
    ),
    Table(
        "cleaned",
        "places",
        "Each distinct place of the month as sources wrote it, with where that is, by which rule, and what is near.",
        (
            MONTH,
            _id("place_text_id", "hash of what the source wrote"),
            Column("statements", "BIGINT", "statements that say so", required=True),
            _raw("governorate_raw", "governorate"),
            _raw("place_raw", "place, in Latin script"),
            _raw("place_ar_raw", "place, in Arabic"),
            _raw("latitude_raw", "latitude"),
            _raw("longitude_raw", "longitude"),
            Column("keys", "VARCHAR[]", "the names in the form in which they are compared", required=True),
            _text("governorate", "p-code, where the evidence leaves one"),
            Column("governorates", "VARCHAR[]", "every p-code that the evidence leaves open"),
            _text("district", "p-code of the district"),
            _text("place_id", "the place in the gazetteer"),
            _text("name", "its name there"),
            Column("latitude", "DOUBLE", "latitude, degrees"),
            Column("longitude", "DOUBLE", "longitude, degrees"),
            _id("precision", "exact, place, district, governorate, country or none"),
            _id("rule", "the rule that read it"),
            _id("certainty", "stated, derived, ambiguous or none"),
            _text("reason", "why it can't be read, or what disagrees"),
            _text("proposals", "names that are near, never taken: a JSON list of name, target, governorate, why"),
        ),
        key=("documentation_month", "place_text_id"),
        month="documentation_month",
    ),
    Table(
        "cleaned",
        "month_inputs",
        "What each month of `cleaned` was computed from, to know by comparison whether it is current.",
        (
            MONTH,
            Column("statements", "BIGINT", "statements in the month", required=True),
            _id("sha256", "digest over the month's statements and the profile"),
        ),
        key=("documentation_month",),
        month="documentation_month",
        working=True,
    ),
)

DEDUPLICATED = (
    Table(
        "deduplicated",
        "people",
        "What linkage reads of each statement on a person or group, and the component of linked statements that it is in.",
        (
            Column("record_no", "INTEGER", "number in this warehouse; means nothing elsewhere", required=True),
            _id("record_id", "the statement"),
            MONTH,
            Column("digest", "UBIGINT", "of what is read: another digest, another statement", required=True),
            Column("component", "INTEGER", "lowest record_no of the statements that links reach from here", required=True),
            _text("victim_id", "the victim; null once retracted"),
            _text("linked_by", "founded, evidence or decision"),
            _id("source", "the source"),
            Column("listed_once", "BOOLEAN", "the source guarantees a row per person", required=True),
            _moment("known_at", "when it became known"),
            Column("retracted_at", "TIMESTAMP", "when a decision retracted it (UTC)"),
            _flag("person", "speaks of one named person"),
            _flag("arabic", "has a name in Arabic script"),
            _flag("latin", "has a name in Latin script"),
            _text("incident_ref", "the source's own code of the incident"),
            _text("sex", "male, female or null"),
            _text("age_group", "child, adult or null"),
            _integer("age_first", "lowest possible age"),
            _integer("age_last", "highest possible age"),
            _date("birth_first", "first possible date of birth, as stated or by age", personal=True),
            _date("birth_last", "last possible date of birth, as stated or by age", personal=True),
            _flag("birth_stated", "the date of birth is stated"),
            _text("birth_written", "a whole date of birth as digits, even of a day that never was", personal=True),
            _date("day_first", "first possible date of death, else of the incident"),
            _date("day_last", "last possible date of death, else of the incident"),
            _text("governorate", "p-code of where killed"),
            _text("place_id", "the place in the gazetteer"),
            _text("place_key", "place in a form that can be compared"),
            _text("occupation", "occupation"),
        ),
        key=("record_no",),
        working=True,
    ),
    Table(
        "deduplicated",
        "names",
        "The names of statements in the forms that are compared: one row per statement and script.",
        (
            Column("record_no", "INTEGER", "the statement", required=True),
            _id("script", "ar or la"),
            _integer("count", "words", required=True),
            _text("given", "given name, in ASCII", personal=True),
            Column("words", "VARCHAR[]", "the other words: Arabic in ASCII, Latin by sound", personal=True),
            _text("family", "the last of several words", personal=True),
            _text("whole", "all words without spaces", personal=True),
            _text("shape", "the whole without dots or vowels", personal=True),
            _text("sound", "the given name by sound", personal=True),
            _text("vowels", "the vowels of the given name"),
            _flag("known", "the model knows the given name as a common one"),
            Column("sounds", "VARCHAR[]", "the other words by sound", personal=True),
            _text("initials", "the first two letters of each word", personal=True),
            Column("bits", "DOUBLE", "how rare the words are together, by the model", required=True),
        ),
        key=("record_no", "script"),
        working=True,
    ),
    Table(
        "deduplicated",
        "keys",
        "The keys under which statements meet: those that share one are candidates for one person.",
        (
            Column("scheme", "UTINYINT", "the conjunction that the key is of", required=True),
            Column("key", "UBIGINT", "hash of what is shared", required=True),
            Column("record_no", "INTEGER", "the statement", required=True),
        ),
        key=("scheme", "key", "record_no"),
        working=True,
    ),
    Table(
        "deduplicated",
        "pairs",
        "Pairs of statements that speak for one person or for kin, that people decided about, or that nearly do.",
        (
            Column("a", "INTEGER", "record_no of one", required=True),
            Column("b", "INTEGER", "record_no of the other", required=True),
            _id("record_a", "one statement; a sorts before b"),
            _id("record_b", "the other"),
            Column("pattern", "BIGINT", "what they say together, field by field: see deduplicated.patterns", required=True),
            Column(
                "weight",
                "DOUBLE",
                "weight of the evidence, in bits: above zero speaks for the same person",
                required=True,
            ),
            _text("hard", "the comparison that one person can't show, where there is one"),
            _integer("days_apart", "days between the two dates of death, where both are known"),
            _id("verdict", "same, kin, different, must_link or cannot_link"),
            _text("refused", "why a pair that speaks for one person was not joined"),
        ),
        key=("record_a", "record_b"),
    ),
    Table(
        "deduplicated",
        "patterns",
        "What each pattern of agreement weighs, by the model in force; deduplicated.levels says what it is made of.",
        (
            Column("pattern", "BIGINT", "the pattern: four bits for the level of each comparison", required=True),
            Column("weight", "DOUBLE", "the sum, in bits", required=True),
            _text("hard", "the comparison that one person can't show, where there is one"),
            Column("kin", "BOOLEAN", "another given name in one line of fathers", required=True),
        ),
        key=("pattern",),
    ),
    Table(
        "deduplicated",
        "levels",
        "The model in force as a table: what each level of each comparison says, in words and in bits.",
        (
            _integer(
                "place", "place of the comparison in a pattern: its level is (pattern >> 4 * place) & 15", required=True
            ),
            _id("comparison", "what is compared"),
            _integer("level", "the level", required=True),
            _id("says", "what it says of two statements"),
            Column("bits", "DOUBLE", "what it adds to the weight", required=True),
            Column("hard", "BOOLEAN", "one person can't show it", required=True),
        ),
        key=("place", "level"),
        working=True,
    ),
    Table(
        "deduplicated",
        "constraints",
        "What people decided on two statements, as linkage applied it.",
        (
            _id("record_a", "one statement; a sorts before b"),
            _id("record_b", "the other"),
            _id("relation", "must_link, cannot_link, or one_victim: what founded two victims that are one"),
            _moment("decided_at", "when it was decided"),
            Column("contradicted", "BOOLEAN", "other decisions say the opposite, directly or through others", required=True),
        ),
        key=("record_a", "record_b", "relation"),
        working=True,
    ),
    Table(
        "deduplicated",
        "incident_constraints",
        "What people decided on the incidents of two statements, as linkage applied it.",
        (
            _id("record_a", "a statement of the one incident"),
            _id("record_b", "one of the other; of the same, where people confirmed that it is one"),
            _id("relation", "same or apart"),
        ),
        key=("record_a", "record_b", "relation"),
        working=True,
    ),
    Table(
        "deduplicated",
        "inputs",
        "Every statement as it was when victims and incidents were last computed from it.",
        (
            _id("record_id", "the statement"),
            MONTH,
            Column("digest", "UBIGINT", "of the statement, whom its source cites, and its retraction", required=True),
            Column("retracted_at", "TIMESTAMP", "when a decision retracted it (UTC)"),
        ),
        key=("record_id",),
        working=True,
    ),
    Table(
        "deduplicated",
        "linked_months",
        "What each month's statements were when they were linked, to know by comparison which have to be read again.",
        (MONTH, _id("sha256", "digest of the month in `cleaned`, the model and the sources' settings")),
        key=("documentation_month",),
        working=True,
    ),
    Table(
        "deduplicated",
        "victim_records",
        "Which records speak of which victim.",
        (
            _id("record_id", "the record"),
            _id("victim_id", "the victim"),
            _id("linked_by", "founded, evidence, decision, listed_with (a named person) or remainder (of an incident)"),
        ),
        key=("record_id", "victim_id"),
    ),
    Table(
        "deduplicated",
        "victims",
        "The persons, or counted unnamed persons, that records resolve to: one value per field, by the profile's rules.",
        (
            _id("victim_id", "stable id"),
            _text("listed_with", "the victim whose records say that these were there too (`and his two children`)"),
            MONTH,
            _moment("known_at", "when the victim was first known"),
            _id("incident_id", "the incident"),
            _integer("records", "records that speak of the victim", required=True),
            _integer(
                "independent_sources", "sources independent of each other (R8): copies and reposts add none", required=True
            ),
            _id("sources_known_of", "what they are known to speak of: the victim, or only the incident"),
            _text("name_ar", "name in Arabic", personal=True),
            _text("name_en", "name in Latin script", personal=True),
            _flag("unnamed", "counted, but not named"),
            _integer("persons", "number of persons: one, but for groups", required=True),
            _integer("persons_min", "the least that any record says", required=True),
            _integer("persons_max", "the most that any record says", required=True),
            _text("sex", "male, female or null"),
            _integer("age_first", "lowest possible age"),
            _integer("age_last", "highest possible age"),
            _integer("age_min", "lowest possible age by any record"),
            _integer("age_max", "highest possible age by any record"),
            _id("demographic", "man, woman, child_male, child_female, child (sex unknown) or unknown"),
            _id("status", "killed, injured, unborn or unknown"),
            _text("civilian_status", "civilian, combatant or null"),
            _text("governorate", "p-code of where killed"),
            _text("origin_governorate", "p-code of origin"),
            _text("place", "place where killed, in Latin script, as given"),
            _text("place_ar", "place where killed, in Arabic, as given"),
            _date("death_first", "first possible date of death"),
            _date("death_last", "last possible date of death"),
            _date("death_min", "first possible date of death by any record"),
            _date("death_max", "last possible date of death by any record"),
            _text("mechanism", "mechanism"),
            _text("circumstance", "circumstance"),
            _text("special_group", "special group"),
            _text("affiliation", "organisation of a member of a special group"),
            _text("occupation", "occupation"),
            _flag("countable_media", "media show bodies that can be counted, or the source itself has counted them"),
            _flag("verified", "verified by the rules for the unnamed (R7) and the named (R8), before any decision"),
            _id("verified_reason", "why, or what is missing"),
            _text("narrative", "what happened, in a source's words", personal=True),
        ),
        key=("victim_id",),
    ),
    Table(
        "deduplicated",
        "victim_values",
        "What a victim's records say different things on: each value, the one taken and why, who says it and who not.",
        (
            _id("victim_id", "the victim"),
            _id("field", "the field; age and death are intervals (`30-39`, `2020-03-01/2020-03-31`)"),
            Column("value", "VARCHAR", "the value, as the record known first writes it", required=True, personal=True),
            _flag("chosen", "taken into deduplicated.victims"),
            _text(
                "rule",
                "why it was taken: sources, rank, precision, preferred or earliest; or it fits the governorate or age",
            ),
            _integer("sources", "independent sources that say so, or less exactly the same", required=True),
            Column("said_by", "VARCHAR[]", "sources of the records that support it", required=True),
            Column("supported_by", "VARCHAR[]", "records that say so, or less or more exactly the same", required=True),
            Column("contradicted_by", "VARCHAR[]", "records that say what can't be true beside it", required=True),
        ),
        key=("victim_id", "field", "value"),
    ),
    Table(
        "deduplicated",
        "incidents",
        "What happened at a place and time; double taps are one incident.",
        (
            _id("incident_id", "stable id"),
            MONTH,
            _date("incident_first", "first possible date"),
            _date("incident_last", "last possible date"),
            _text("incident_time", "time of day, first attack"),
            _integer(
                "attacks", "attacks that it holds, by the source that lists most: two in a double tap (R20)", required=True
            ),
            Column("attack_times", "VARCHAR[]", "their times of day, where that source says them", required=True),
            _text("governorate", "p-code"),
            _text("place", "place, in Latin script"),
            _text("place_ar", "place, in Arabic"),
            _text("refs", "the sources' own codes, as a JSON list of `SOURCE/REF`"),
            _text("mechanism", "mechanism"),
            _text("area_of_control", "who controlled the area"),
            _integer("records", "records that speak of it", required=True),
            _integer("killed_min", "killed, at least, by any statement about it"),
            _integer("killed_max", "killed, at most, by any statement about it"),
            _flag("discounted", "every source that assesses the report discounts it"),
            _text("narrative", "what happened, in a source's words", personal=True),
        ),
        key=("incident_id",),
    ),
    Table(
        "deduplicated",
        "incident_records",
        "Which records speak of which incident, and what else has to be looked at again when one of them changes.",
        (
            _id("record_id", "the record"),
            _id("incident_id", "the incident"),
            _id("unit_key", "what joins it without condition: `ref:SOURCE/REF`, `site:SITE|PARTIES` or `record:ID`"),
            _text("site", "`DAY|GOVERNORATE|PLACE|MECHANISM` of all that the unit's records say; null unless all are known"),
            Column(
                "component",
                "BIGINT",
                "a number that it shares with all records that its incident depends on, joined or not",
                required=True,
            ),
        ),
        key=("record_id",),
    ),
    Table(
        "deduplicated",
        "identity_events",
        "History of the ids: created, joined, merged, split, each with its cause. An id once given resolves for ever.",
        (
            _moment("at", "when it happened"),
            _id("event", "created, joined, merged, split or retired"),
            _id("victim_id", "the victim that it happened to"),
            _text("other_id", "the id that was merged into it, that it was split from, or that the record came from"),
            _id("record_id", "the record that it concerns; of several, the one known first"),
            _id("cause", "evidence, decision or retraction"),
        ),
        key=("at", "event", "victim_id", "record_id"),
    ),
    Table(
        "deduplicated",
        "quality_sample",
        "The sample from which the quality of linkage is estimated, and what people said of it. By id, without names.",
        (
            _id("stratum", "linked, refused, close, excluded, kin or unseen"),
            _id(
                "unit",
                "the victim, as it is without decisions; two of them, kept apart, as `A|B`; of `unseen`, the statement",
            ),
            Column(
                "size", "DOUBLE", "pairs that it stands for: the chance of being drawn is in proportion to it", required=True
            ),
            _integer("place", "in the order in which the stratum is judged", required=True),
            _text("record_a", "one of the two statements that are judged for two victims"),
            _text("record_b", "the other; null where nobody comes near"),
            Column("share", "DOUBLE", "share of its pairs that are one person; null until that is known"),
            _flag("unsure", "people looked at it and couldn't tell"),
            _date("judged_on", "day of the latest decision on its statements"),
        ),
        key=("stratum", "unit"),
    ),
    Table(
        "deduplicated",
        "quality",
        "How good the linkage is without people's decisions, estimated from the sample: measures of pairs, then the strata.",
        (
            _id(
                "measure",
                "precision, recall or f1; a stratum: the share of its pairs that are one person; precision_on_lists and "
                "recall_on_lists: as the model's file says",
            ),
            Column("value", "DOUBLE", "the estimate, from 0 to 1; null where too little was judged"),
            Column("low", "DOUBLE", "lower limit of its 95 % interval"),
            Column("high", "DOUBLE", "upper limit"),
            Column("units", "BIGINT", "units that it speaks of", required=True),
            Column("pairs", "DOUBLE", "pairs of statements that they stand for", required=True),
            _integer("sampled", "units in the sample", required=True),
            _integer("judged", "of these, judged", required=True),
            _integer("unsure", "of these, looked at without being able to tell", required=True),
            _date("judged_on", "day of the latest decision that it rests on"),
            _id("model", "version of the model that it speaks of"),
            _text("lists", "the labelled lists that it was measured on, by language, as a JSON object; null for estimates"),
        ),
        key=("measure",),
    ),
    Table(
        "deduplicated",
        "review_queue",
        "Questions for people: pairs too close to call, disagreements that no rule settles.",
        (
            _id("question_id", "stable id"),
            _id(
                "kind",
                "pair, contradiction (between decisions), blocking (a key too common), incident (a code or a place that may "
                "hold several), attribution (sources at odds on who is responsible), candidate, place or quality (drawn by "
                "chance, to know how good the linkage is)",
            ),
            _id("subject", "what it is about"),
            _id("question", "the question, without names"),
            Column("weight", "DOUBLE", "how close it is, in bits", required=False),
            Column("records", "INTEGER", "statements that an answer would move", required=True),
            Column("rank", "INTEGER", "place in the queue: 1 is asked first", required=True),
        ),
        key=("question_id",),
    ),
)

ATTRIBUTED = (
    Table(
        "attributed",
        "victims",
        "Every victim with the responsible party, the category, and whether it counts, or why not.",
        (
            _id("victim_id", "the victim"),
            MONTH,
            _id(
                "documented_in", "month in which the victim was documented: another than the one that counts for late deaths"
            ),
            _id("methodology", "version of the counting rules in force in that month"),
            _id("incident_id", "the incident"),
            _integer("persons", "number of persons", required=True),
            _id("demographic", "man, woman, child_male, child_female, child or unknown"),
            _id("governorate", "p-code of where killed, or `unknown`"),
            _text("origin_governorate", "p-code of origin"),
            _id("attribution", "established, believed, joint_pending, joint_proved, undetermined or unidentified"),
            _id("party", "party id of the figures; a joint pair as `a+b`"),
            _text("actor", "the actor itself, where known"),
            _text("mechanism", "mechanism"),
            _text("circumstance", "circumstance"),
            _text("category", "category beneath other parties"),
            _id("attribution_basis", "claims, majority, tie, none or decision"),
            _text("decision_id", "the decision that settled the attribution"),
            _text("special_group", "special group"),
            _text("affiliation", "organisation of a member of a special group"),
            _integer("independent_sources", "sources independent of each other", required=True),
            _flag("verified", "verified by R7, R8 or a decision"),
            _flag("in_civilians", "counted in the civilian toll"),
            _flag("in_torture", "counted among deaths due to torture"),
            _flag("in_massacre", "killed in a massacre (R20)"),
            _text("not_counted_reason", "why it is in no toll"),
            Column(
                "alleged_parties",
                "VARCHAR[]",
                "parties that any claim names, or that the decision names: what the attribution might also be",
                required=True,
            ),
        ),
        key=("victim_id",),
        month="documentation_month",
    ),
    Table(
        "attributed",
        "incidents",
        "Incidents with the responsible party, their counted civilians, and whether they are massacres.",
        (
            _id("incident_id", "the incident"),
            MONTH,
            _date("incident_first", "first possible date"),
            _date("incident_last", "last possible date"),
            _id("governorate", "p-code, or `unknown`"),
            _text("place", "place, in Latin script"),
            _text("place_ar", "place, in Arabic"),
            _id("attribution", "status of the attribution"),
            _id("party", "party id of the figures"),
            _text("actor", "the actor itself, where known"),
            _text("category", "category beneath other parties"),
            _integer("civilians", "counted civilians killed", required=True),
            _flag("massacre", "massacre: at least as many counted civilians as the profile's threshold"),
            _text("area_of_control", "who controlled the area"),
        ),
        key=("incident_id",),
        month="documentation_month",
    ),
    Table(
        "attributed",
        "transitions",
        "How who is held responsible came to be: every change of incidents, and of victims whom people decided about apart.",
        (
            MONTH,
            _id("incident_id", "the incident"),
            _text("victim_id", "the victim, where it is of one about whom people decided apart"),
            _moment("known_at", "when the claim became known, or the decision was made"),
            _id(
                "change", "first, joint_resolved or joint_proved (R13), determined (R14), reopened, other_party or certainty"
            ),
            _id("attribution", "status from then on"),
            _id("party", "party id of the figures from then on"),
            _text("attribution_before", "status until then"),
            _text("party_before", "party until then"),
            _id("basis", "claims, majority, tie, none or decision"),
            _id("cause", "claim or decision"),
            _id("cause_id", "the record that claims, or the decision"),
        ),
        key=("incident_id", "victim_id", "known_at"),
        month="documentation_month",
    ),
    Table(
        "attributed",
        "month_digest",
        "For every month, a digest over all that decides its attributed rows: the level by which staleness is known.",
        (
            _id("month", "the month"),
            Column("rows", "BIGINT", "victims and incidents of the month", required=True),
            _id("sha256", "digest over victims, incidents, claims, decisions and the profile"),
        ),
        key=("month",),
    ),
    Table(
        "attributed",
        "month_inputs",
        "The digest that each month's attributed rows were computed from.",
        (MONTH, _id("sha256", "the digest")),
        key=("documentation_month",),
        month="documentation_month",
        working=True,
    ),
    Table(
        "attributed",
        "month_items",
        "What each month's attributed rows come from, item by item, to say why they are stale.",
        (
            MONTH,
            _id("kind", "victim, incident, decision or capture"),
            _id("item_id", "its id; of a capture, the SHA-256"),
            Column("digest", "UBIGINT", "of all that is attributed to a victim or an incident; else 0", required=True),
        ),
        key=("documentation_month", "kind", "item_id"),
        month="documentation_month",
        working=True,
    ),
)

_FIGURE = (
    _id("period", "as in monthly.figures"),
    _id("population", "as in monthly.figures"),
    _id("party", "as in monthly.figures"),
    _id("category", "as in monthly.figures"),
    _id("governorate", "as in monthly.figures"),
    _id("demographic", "as in monthly.figures"),
    _id("measure", "as in monthly.figures"),
)
_EDITION = (_id("month", "the month"), _integer("edition", "its edition, from 1", required=True))

MONTHLY = (
    Table(
        "monthly",
        "figures",
        "One row per number. `period` is the month itself or the range of months since January that ends with it.",
        (
            _id("month", "the month that it was computed for"),
            _id("period", "`2020-03`, or `2020-01..2020-03`"),
            _id("population", "civilians, torture, a special group, massacres or massacre_victims"),
            _id("party", "party id, a joint pair as `a+b`; empty = all"),
            _id("category", "category within the party; empty = all"),
            _id("governorate", "p-code of where killed; empty = all"),
            _id("demographic", "all, man, woman, child, child_male, child_female, women_and_children, unknown"),
            _id("measure", "count or percent"),
            Column("value", "DOUBLE", "the number", required=True),
        ),
        key=("month", "period", "population", "party", "category", "governorate", "demographic", "measure"),
        month="month",
    ),
    Table(
        "monthly",
        "figure_inputs",
        "The digests that a month's figures were computed from: its own month and those before it in the year.",
        (
            _id("month", "the month of the figures"),
            _id("input_month", "a month that they were computed from"),
            _id("sha256", "its digest at that moment"),
        ),
        key=("month", "input_month"),
        month="month",
    ),
    Table(
        "monthly",
        "figure_items",
        "What the attributed rows came from that each month's figures were computed from.",
        (
            MONTH,
            _id("kind", "victim, incident, decision or capture"),
            _id("item_id", "its id; of a capture, the SHA-256"),
            Column("digest", "UBIGINT", "of all that is attributed to a victim or an incident; else 0", required=True),
        ),
        key=("documentation_month", "kind", "item_id"),
        month="documentation_month",
        working=True,
    ),
    Table(
        "monthly",
        "ranges",
        "Beside the count of a party, the least and the most that claims allow. Parties that nobody names have no row.",
        (
            _id("month", "the month that it was computed for"),
            _id("period", "as in monthly.figures"),
            _id("population", "civilians"),
            _id("party", "top-level party id, or a joint pair"),
            Column("minimum", "DOUBLE", "whom every claim, or the decision, holds it alone responsible for", required=True),
            Column("value", "DOUBLE", "the count, as in monthly.figures", required=True),
            Column("maximum", "DOUBLE", "whom any claim holds it responsible for, alone or with others", required=True),
        ),
        key=("month", "period", "population", "party"),
        month="month",
    ),
    Table(
        "monthly",
        "vintages",
        "Each figure as each edition had it: as first published, and ever since.",
        (
            *_EDITION,
            _moment("as_of", "what was known at that moment"),
            *_FIGURE,
            Column("value", "DOUBLE", "the number", True),
        ),
        key=("month", "edition", *(c.name for c in _FIGURE)),
    ),
    Table(
        "monthly",
        "restatements",
        "What each edition changed against the one before: every cause of every figure, with its share.",
        (
            *_EDITION,
            *_FIGURE,
            Column("before", "DOUBLE", "the number in the edition before; 0 where it had none", True),
            Column("after", "DOUBLE", "the number in this edition", True),
            _id(
                "cause",
                "decision, merge, split, retraction, capture (records became known) or method (rules or program changed)",
            ),
            _id("cause_id", "id of the decision, SHA-256 of the capture, or the methodology version"),
            Column("known_at", "TIMESTAMP", "when it was decided, or became known (UTC); null for a method"),
            _integer("place", "in the order in which causes became known", required=True),
            Column("share", "DOUBLE", "what it changed of the number: shares add up to the difference", True),
        ),
        key=("month", "edition", *(c.name for c in _FIGURE), "place"),
    ),
)

REPORTS = (
    Table(
        "reports",
        "editions",
        "What was published: a row for each edition, as its manifest says.",
        (
            *_EDITION,
            _moment("as_of", "what was known at that moment"),
            _moment("published_at", "when it was published"),
            _id("methodology", "methodology version"),
            _flag("synthetic", "made of generated data"),
            _integer("figures_changed", "figures that aren't as in the edition before", required=True),
            _integer("captures", "captures that it was made from", required=True),
            _integer("decisions", "decisions that it was made from", required=True),
            _flag("signed", "its manifest is signed"),
            _id("manifest", "SHA-256 of its manifest"),
            _id("previous", "SHA-256 of the manifest published before it; empty for the first"),
            _id("folder", "where it lies beneath the home"),
        ),
        key=("month", "edition"),
    ),
    Table(
        "reports",
        "bundles",
        "The files written for a month, with their hashes.",
        (
            _id("month", "the month"),
            _id("path", "path beneath the home"),
            _id("language", "language, or `all`"),
            _id("format", "html, csv or xlsx"),
            Column("size_bytes", "BIGINT", "size in bytes", required=True),
            _id("sha256", "SHA-256 of the file"),
        ),
        key=("month", "path"),
        month="month",
    ),
)


def _failures(stage: str) -> Table:
    return Table(
        stage,
        "failures",
        f"Every row that breaks a check of `{stage}`, from the run that found it to the one that finds it no more.",
        (
            _id("check_table", "table that the check is about"),
            _id("check_name", "the check"),
            _id("month", "month that the row belongs to; empty where the check has no months"),
            _id("key", "key of the row; never what it says of a person"),
            _id("reason", "what was expected"),
            _flag("blocking", "it stops what is downstream"),
            _flag("refused", "the month was not replaced: the row is none of the table, which holds those of before"),
            _id("run_id", "run that found it first"),
            _moment("found_at", "when it was found first"),
            Column("closed_at", "TIMESTAMP", "when it was found no more (UTC); null while it is open"),
            _text("closed_by", "run that found it no more"),
        ),
        key=("check_table", "check_name", "month", "key", "reason", "run_id"),
        working=True,
    )


FAILURES = tuple(map(_failures, STAGES))

TABLES: tuple[Table, ...] = (*CAPTURES, *CLEANED, *DEDUPLICATED, *ATTRIBUTED, *MONTHLY, *REPORTS, *FAILURES)
TABLE: Mapping[str, Table] = {t.full_name: t for t in TABLES}

FIGURE_COLUMNS = ("period", "population", "party", "category", "governorate", "demographic", "measure", "value")
