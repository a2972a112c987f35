"""What every domain shares and no more. Imports no domain."""
