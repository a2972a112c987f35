"""Many at once: files of people or items in, all people out, and the queued pages of long jobs.

An import runs as uploads → plan → chunk (many in parallel) → finish; an export as segments → finish. What each step
leaves behind lets it be killed at any point and run again.
"""

__all__ = ["clearing", "columns", "model", "progress", "report", "state_machines", "upload_forms"]
