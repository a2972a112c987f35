"""Machines: services and jobs that call the API in their own name, and prove it by a secret."""

from chalicelib.machines.model import holds
from chalicelib.machines.proving import prove
from chalicelib.machines.store import clients

__all__ = ["clients", "holds", "prove"]
