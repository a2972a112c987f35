"""A large read model, made inside PostgreSQL: what a consumer of years would have written, in minutes.

Names, addresses, plans and times are spread as in a real stage: a few frequent ones, and many rare. The same numbers
make the same rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.read_model.database import LIVE, Database, options_of
from chalicelib.read_model.migrating import migrate
from chalicelib.read_model.writing import make_partitions

if TYPE_CHECKING:
    from tools.postgresql import Server

MONTHS = tuple(f"2026-{month:02}" for month in range(1, 13))
END = "2026-12-01T00:00:00Z"
"""Nothing happened after it. `BEGIN_DAYS` before it everything began."""

BEGIN_DAYS = 330
SECONDS = 1800

_FIRST = (
    "Ada,Bo,Carla,Dag,Élodie,Farid,Grace,Håkon,Ines,Jürgen,Kim,Leïla,Mårten,Nia,Ото,Paula,Quinn,Rosa,Søren,Tuğba"
)
_LAST = "Lovelace,de Vries,García,Nguyễn,Smith,Müller,Okafor,Tanaka,Rossi,Novák,Silva,Haddad,Kowalska,Byron,Jensen"
_LOCALES = "en,de,fr,pt-BR,ja,es"

_PEOPLE = f"""
INSERT INTO people (id, version, email, email_verified, name, age, birthdate, locale, attributes, metadata, roles,
    status, source, search, created_at, updated_at)
SELECT id, 1 + n % 7, email, n % 9 > 0, name, CASE WHEN n % 5 > 0 THEN 18 + (n * 7919) % 70 END,
    CASE WHEN n % 5 > 1 THEN date '1940-01-01' + CAST((n * 104729) % 25000 AS integer) END,
    (string_to_array('{_LOCALES}', ','))[1 + n % 6],
    jsonb_build_object('plan', CASE WHEN n / 7 % 20 = 0 THEN 'enterprise' WHEN n / 7 % 5 = 0 THEN 'pro' ELSE 'free' END,
        'score', (n * 31) % 1000, 'city', 'City ' || (n * 17) % 5000),
    CASE WHEN n % 50 = 0 THEN jsonb_build_object('tier', n % 3) ELSE '{{}}' END,
    CASE WHEN n % 10000 = 0 THEN ARRAY['admin'] WHEN n % 1000 = 1 THEN ARRAY['support'] ELSE ARRAY[]::text[] END,
    CASE WHEN n % 97 = 0 THEN 'disabled' ELSE 'active' END,
    (ARRAY['registration', 'registration', 'registration', 'import', 'connection', 'invitation'])[1 + n % 6],
    E' ' || translate(lower(name), 'éåïøğüëíáễ', 'eaiogueiae') || E' \\n ' ||
        email || E' \\n city ' || (n * 17) % 5000 || ' ',
    created_at, created_at + (n % 86400) * interval '1 second'
FROM (
    SELECT n, 'U' || lpad(CAST(n AS text), 9, '0') AS id,
        first || ' ' || last || ' ' || chr(65 + CAST(n % 26 AS integer)) AS name,
        lower(translate(first, 'ÉåïøğОтüë', 'eaiogotue')) || n || '@' ||
            CASE WHEN n % 3 = 0 THEN 'gmail.example' WHEN n % 100 = 1 THEN 'acme.example'
                ELSE 'd' || (n * 13) % 20000 || '.example' END AS email,
        timestamptz '{END}' - ((n * 7907) % ({BEGIN_DAYS} * 86400)) * interval '1 second' AS created_at
    FROM (
        SELECT n, (string_to_array('{_FIRST}', ','))[1 + (n * 3) % 20] AS first,
            (string_to_array('{_LAST}', ','))[1 + (n * 11) % 15] AS last
        FROM generate_series(CAST(1 AS bigint), CAST(:people AS bigint)) AS n
    ) AS named
) AS numbered
"""

_SESSIONS = f"""
INSERT INTO sessions (id, user_id, started_at, expires_at, method, second_factor, new_device, after_import, agent,
    ended_at, end_reason)
SELECT 'S' || n, p.id, started, started + interval '30 days',
    (ARRAY['password', 'password', 'mailed_code', 'passkey', 'connection'])[1 + n % 5], n % 4 = 0, n % 6 = 0, false,
    'Firefox on Linux', CASE WHEN n % 3 = 0 THEN started + interval '2 hours' END,
    CASE WHEN n % 3 = 0 THEN 'signed_out' END
FROM (
    SELECT n, 'U' || lpad(CAST(1 + (CAST(hashint8(n) AS bigint) & 2147483647) % :people AS text), 9, '0') AS user_id,
        random() AS share
    FROM generate_series(CAST(1 AS bigint), CAST(:sessions AS bigint)) AS n
) AS s
JOIN people AS p ON p.id = s.user_id
CROSS JOIN LATERAL (
    SELECT p.created_at + share * share * (timestamptz '{END}' - p.created_at) AS started
) AS t
"""

_EVENTS_OF_SESSIONS = """
INSERT INTO events (id, time, type, subject, version, actor, bulk, session_id, data, sessions_ended)
SELECT 'sessions:' || id || ':1:0', started_at, 'session.started', user_id, 1, user_id, false, id,
    jsonb_build_object('method', method, 'second_factor', second_factor, 'new_device', new_device,
        'session', jsonb_build_object('id', id)), false
FROM sessions
"""

_EVENTS_OF_PEOPLE = """
INSERT INTO events (id, time, type, subject, version, actor, bulk, changed, data, previous, sessions_ended)
SELECT 'users:' || id || ':' || v || ':0', least(created_at + (v - 1) * interval '9 hours', updated_at),
    CASE v WHEN 1 THEN CASE source WHEN 'import' THEN 'user.imported' WHEN 'invitation' THEN 'user.invited'
        ELSE 'user.registered' END WHEN 2 THEN 'user.confirmed' ELSE 'user.updated' END,
    id, v, id, v = 1 AND source = 'import', CASE WHEN v > 2 THEN ARRAY['attributes'] END, '{}',
    CASE WHEN v > 2 THEN jsonb_build_object('attributes', jsonb_build_object('plan', 'free')) END, false
FROM people CROSS JOIN generate_series(1, 2) AS v
WHERE v = 1 OR email_verified
"""

_ITEMS = """
INSERT INTO items (user_id, key, version, value, size, written_at, updated_at)
SELECT id, key, 1, jsonb_build_object('theme', 'dark'), 16, created_at, created_at
FROM people CROSS JOIN unnest(ARRAY['settings', 'cart']) AS key
WHERE hashtext(id || key) % 4 = 0
"""

_LAST_SIGN_IN = """
UPDATE people AS p SET last_sign_in_at = s.newest
FROM (SELECT user_id, max(started_at) AS newest FROM sessions GROUP BY user_id) AS s WHERE s.user_id = p.id
"""


def fill(server: Server, name: str, *, people: int, events: int = 0) -> Database:
    """Make a database with so many people, and about so many events where that is above twice as many; return it, with
    its statistics up to date. A million people alone take some half a minute, five million events two more."""
    server.create(name)
    database = Database(options_of(server.secret(name)))
    migrate(database)
    with database.transaction(seconds=SECONDS) as transaction:
        transaction.script("SELECT setseed(0.5); SET LOCAL maintenance_work_mem = '512MB'")
        make_partitions(transaction, (f"{month}-01" for month in MONTHS))
        indexes = transaction.run(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = :schema AND tablename = 'people'"
            " AND indexname <> 'people_pkey'",
            schema=LIVE,
        )
        for index, _ in indexes:
            transaction.script(f"DROP INDEX {index}")
        transaction.run(_PEOPLE, people=people)
        if events:
            transaction.run(_SESSIONS, people=people, sessions=max(0, events - 2 * people))
            transaction.script(f"{_EVENTS_OF_SESSIONS};{_EVENTS_OF_PEOPLE};{_ITEMS};{_LAST_SIGN_IN}")
        for _, definition in indexes:
            transaction.script(str(definition))
    with database.transaction(seconds=SECONDS) as transaction:
        transaction.script("ANALYZE")
    server.psql("-d", name, "-c", "VACUUM")
    return database
