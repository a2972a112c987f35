"""What a page says of a new password while it is typed, beside what the API says of it in the end."""

from __future__ import annotations

import random

from chalicelib.passwords import policy

OWN = ["ada.lovelace@maths.example", "Ada Lovelace"]
PIECES = [
    *(
        "ada",
        "Lovelace",
        "maths",
        "example",
        "ADA",
        "lovelace@maths",
        "abc",
        "12345678",
        "qwertyuiop",
        "aaaa",
        "xyzw",
    ),
    *("violet", "otter", "sings", " ", "-", "1815", "!", "Äé", "東京", "password", "p4ssw0rd", "lo"),
]
SHOWN = {
    "ada lovelace 1815!": "password.own",
    "adalovelace@maths": "password.own",
    "LovelaceLovelace": "password.own",
    "abcdabcdabcdabcd": "password.pattern",
    "abcdefghijklmnop": "password.pattern",
    "poiuytrewqmnbvcxz": "password.pattern",
    "fourteen chars": "password.short",
    "violet otter sings": "password.good",
}


def samples():
    """Passwords of a few pieces each, or of one over and over: always the same ones."""
    choice = random.Random(15)
    mixed = ["".join(choice.choices(PIECES, k=choice.randint(2, 6))) for _ in range(400)]
    return [*mixed, *(piece * times for piece in PIECES for times in (2, 5, 15))]


def said_of(visitor, passwords):
    """The key of what the page says of each password."""
    visitor.open("register")
    visitor.sees("Create an account")
    style = visitor.page.locator('link[href$="style.css"]')
    module = style.evaluate("link => new URL('passwords.js', link.href).href")
    call = """async ([module, own, passwords]) => {
        const { shortcoming } = await import(module);
        return passwords.map((each) => shortcoming(each, own, false)[0]);
    }"""
    return dict(zip(passwords, visitor.page.evaluate(call, [module, OWN, passwords]), strict=True))


def is_taken(password):
    try:
        policy.check_new(password, OWN, 15)
    except ValueError:
        return False
    return True


def test_a_page_says_what_is_plain_to_see(visitor):
    assert said_of(visitor, list(SHOWN)) == SHOWN


def test_a_page_finds_fault_with_nothing_that_the_api_takes(visitor):
    said = said_of(visitor, samples())
    assert len({*said.values()}) == 4
    assert [password for password, key in said.items() if key != "password.good" and is_taken(password)] == []
