"""Django's Argon2id at the cost that the benchmark asks for."""

from __future__ import annotations

import os

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    memory_cost = int(os.environ["ARGON2_MEMORY_KIB"])
    time_cost = int(os.environ["ARGON2_PASSES"])
    parallelism = int(os.environ["ARGON2_LANES"])
