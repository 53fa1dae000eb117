"""Editions: a month as it was published, once and for ever; what later ones changed, and why; rebuilding one to the byte.

manifest    what an edition's manifest says, and how it is proved
shelf       the editions that there are, beneath `published/`
versions    what of this program decides the bytes of an edition
composing   the files of an edition, from a replay
restating   what changed since an edition, cause by cause
publishing  the act
rebuilding  the same bytes again, from the archive
tables      what of all this stands in the warehouse
why         one victim's way into the figures, in sentences
"""
