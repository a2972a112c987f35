"""Web pages that are part of Rollcall: what a person does with their account in a browser.

HTML, stylesheets and JavaScript modules are served as they are in the repository: no framework, no build, and nothing
from other hosts.
"""
