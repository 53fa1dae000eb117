"""Backup and restore: copies of everything that is truth and can't be rebuilt (R23), verified on both ways.

What belongs here: what a home's backup holds (`contents`), the list that a backup is (`snapshot`), where it is kept
(`target`), bringing it there (`save`) and back (`restore`). Nothing here reads what a file means: entries, declarations and
editions are bytes.

In the target lie `objects/ab/abcd...` (the bytes of every file, named by their SHA-256, whatever the file is called at home)
and `snapshots/<UTC stamp>-<SHA-256 of the list itself>.json` (which files a home consisted of at that moment). Nothing is
ever deleted there; snapshots share their objects.
"""

from casualty_pipeline.backup.restore import Restoration, restore
from casualty_pipeline.backup.save import Backup, back_up
from casualty_pipeline.backup.snapshot import Fault, File
from casualty_pipeline.backup.target import Target, open_target

__all__ = ["Backup", "Fault", "File", "Restoration", "Target", "back_up", "open_target", "restore"]
