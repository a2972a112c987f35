"""How much a filter may be."""

LENGTH = 2000
"""Characters of a filter."""
DEPTH = 20
"""Parentheses, and `not`, inside each other."""
PARTS = 50
"""Texts and comparisons in a filter."""
LISTED = 200
"""Values of all lists in a filter."""
MEMBERS = 8
"""Names in the path of a JSON member."""
