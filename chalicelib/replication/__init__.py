"""Every object of the uploads bucket is copied to a second bucket, where the newest version wins."""

__all__ = ["copies"]
