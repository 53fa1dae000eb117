"""What is published beside the monthly report: bulletins, reports of a year, dossiers, forms, the index of editions.

What belongs in this package: what each publication states, from which rows. What doesn't: how a language says numbers
(`voice.py`), how pages look (`templates`), publishing an edition (`editions`). Every page is one Document, in every language
of the profile, as HTML and PDF; the same rows give the same bytes.

pages       what every publication has: a voice, a frame, its files
bulletin    the toll of one day
period      the report of a year or half a year
origins     deaths by governorate of origin, per 100,000 registered there
dossier     one incident, from its rows (`incident_rows`)
un_form     one victim, by the items of the United Nations' questionnaire
editions    the index over published editions, the series, the feed
partner     victims of an edition, with names as far as consent allows
"""
