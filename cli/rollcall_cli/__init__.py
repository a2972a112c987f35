"""The program `rollcall`: people, imports, events and webhooks of a stage, at a terminal and in scripts.

It is a client of the public HTTP API and imports nothing of the app. What needs the account's own AWS credentials runs
the checkout's tools, in their environment (`checkout`).
"""
