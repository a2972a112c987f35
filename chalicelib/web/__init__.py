"""Web pages that ship: what a person does with their account, in a browser.

HTML, stylesheet and JavaScript modules are served as they are written: no framework, no build, nothing from elsewhere.
"""
