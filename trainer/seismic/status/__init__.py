"""This trainer's part of the status page: traces of the survey or of a file, drawn and classified."""
