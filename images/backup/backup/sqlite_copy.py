"""Prints a copy of an SQLite database that is in use: python3 -m backup.sqlite_copy FILE.

SQLite's online backup needs a file for its copy. The file has no name, so nothing of it is left when this ends.
"""

import shutil
import sqlite3
import sys
import tempfile


def main(path: str) -> None:
    """Copy the database, which is opened read-only, and print the copy."""
    with tempfile.NamedTemporaryFile() as file:
        source = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        copy = sqlite3.connect(file.name)
        source.backup(copy)
        copy.close()
        source.close()
        file.seek(0)
        shutil.copyfileobj(file, sys.stdout.buffer)


if __name__ == "__main__":
    main(sys.argv[1])
