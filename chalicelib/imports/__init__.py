"""Imports: many people or items in, from files of many formats and systems.

An import runs as uploads → plan → chunk (many in parallel) → finish. What each step leaves behind lets it be killed at
any point and run again.
"""

__all__ = ["clearing", "columns", "progress", "report", "upload_forms"]
