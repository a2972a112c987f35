-- People and what they do, made for those who write SQL. Each table is a copy that can be made anew at any time: the
-- truth is in DynamoDB. Times are of the event or the row, never of the copying.

CREATE TABLE people (
    id text PRIMARY KEY,
    version bigint NOT NULL,
    email text,
    email_domain text GENERATED ALWAYS AS (lower(substring(email FROM '[^@]*$'))) STORED,
    email_verified boolean NOT NULL,
    name text,
    age integer,
    birthdate date,
    locale text,
    terms_version text,
    terms_accepted_at timestamptz,
    attributes jsonb NOT NULL,
    metadata jsonb NOT NULL,
    roles text[] NOT NULL,
    status text NOT NULL,
    source text,
    search text NOT NULL,
    last_sign_in_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
COMMENT ON TABLE people IS 'Who has an account now. Whoever was removed is in no table any more, and their events say no more than that something happened.';
COMMENT ON COLUMN people.version IS 'Grows by one with each change of the person, as the sequence of their events.';
COMMENT ON COLUMN people.email IS 'As the person wrote it.';
COMMENT ON COLUMN people.email_domain IS 'What follows the @, in small letters.';
COMMENT ON COLUMN people.attributes IS 'The person''s own JSON object.';
COMMENT ON COLUMN people.metadata IS 'The administrators'' JSON object.';
COMMENT ON COLUMN people.status IS 'active or disabled.';
COMMENT ON COLUMN people.source IS 'How the account came to be: registration, import, admin, invitation or connection.';
COMMENT ON COLUMN people.search IS 'Name, email address and attributes as one text without accents and capitals, for searches.';
COMMENT ON COLUMN people.last_sign_in_at IS 'When their newest session started, as far as the sessions here go back.';

CREATE TABLE identities (
    user_id text NOT NULL,
    id text NOT NULL,
    connection text NOT NULL,
    linked_at timestamptz,
    PRIMARY KEY (user_id, id)
);
COMMENT ON TABLE identities IS 'The identity providers by which people sign in. What people are called there is not here.';
COMMENT ON COLUMN identities.connection IS 'The id of the connection to the provider.';

CREATE TABLE sessions (
    id text PRIMARY KEY,
    user_id text NOT NULL,
    started_at timestamptz,
    expires_at timestamptz,
    method text,
    second_factor boolean,
    new_device boolean,
    after_import boolean,
    connection text,
    agent text,
    ended_at timestamptz,
    end_reason text
);
CREATE INDEX sessions_user ON sessions (user_id, started_at);
CREATE INDEX sessions_started ON sessions (started_at);
COMMENT ON TABLE sessions IS 'Sign-ins and how long they lasted, also after their end, for as long as the history is kept.';
COMMENT ON COLUMN sessions.method IS 'The first factor: password, mailed_code, passkey or connection.';
COMMENT ON COLUMN sessions.second_factor IS 'Whether a second factor was proved too.';
COMMENT ON COLUMN sessions.after_import IS 'Whether it is the first session of an imported person.';
COMMENT ON COLUMN sessions.agent IS 'The browser or app, as it called itself.';
COMMENT ON COLUMN sessions.ended_at IS 'When it ended. A session without it counts until expires_at.';
COMMENT ON COLUMN sessions.end_reason IS 'signed_out, revoked, reuse, expired, or all_ended where a change of the person ended their sessions.';

CREATE TABLE items (
    user_id text NOT NULL,
    key text NOT NULL,
    version bigint NOT NULL,
    value jsonb,
    size integer NOT NULL,
    written_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX items_key ON items (key, user_id);
COMMENT ON TABLE items IS 'The per-user data.';
COMMENT ON COLUMN items.value IS 'Null where it has more than 8 KB.';
COMMENT ON COLUMN items.size IS 'Bytes of the value as JSON.';
COMMENT ON COLUMN items.written_at IS 'The writer''s time, by which the last write wins.';

CREATE TABLE memberships (
    segment_id text NOT NULL,
    user_id text NOT NULL,
    version bigint NOT NULL,
    entered_at timestamptz,
    left_at timestamptz,
    PRIMARY KEY (segment_id, user_id)
);
CREATE INDEX memberships_user ON memberships (user_id);
COMMENT ON TABLE memberships IS 'Who is in a segment, and who was, by the events segment.entered and segment.left.';
COMMENT ON COLUMN memberships.left_at IS 'Null of those who are in it now.';

CREATE TABLE events (
    id text NOT NULL,
    time timestamptz NOT NULL,
    type text NOT NULL,
    subject text NOT NULL,
    version bigint NOT NULL,
    actor text,
    request_id text,
    bulk boolean NOT NULL,
    session_id text,
    changed text[],
    data jsonb,
    previous jsonb,
    sessions_ended boolean NOT NULL,
    session_kept text,
    PRIMARY KEY (time, id)
) PARTITION BY RANGE (time);
CREATE INDEX events_type ON events (type, time);
CREATE INDEX events_subject ON events (subject, time);
CREATE INDEX events_ended ON events (subject, time) WHERE sessions_ended;
COMMENT ON TABLE events IS 'What happened, for as long as the history is kept: a partition for each month.';
COMMENT ON COLUMN events.id IS 'The id of the CloudEvent: table:key:version:n.';
COMMENT ON COLUMN events.subject IS 'The id of the person; of import.finished and export.finished the job''s, of client.* the client''s.';
COMMENT ON COLUMN events.version IS 'The version of the record after the change: the sequence of the CloudEvent.';
COMMENT ON COLUMN events.actor IS 'Who did it: the id of a person or an OAuth client.';
COMMENT ON COLUMN events.bulk IS 'Whether an import did it.';
COMMENT ON COLUMN events.changed IS 'The fields that changed.';
COMMENT ON COLUMN events.data IS 'The data of the CloudEvent, without the person and what changed of them, and without texts of theirs. Null of the erased.';
COMMENT ON COLUMN events.previous IS 'Of a change: what changed, as it was before. Null of the erased.';
COMMENT ON COLUMN events.sessions_ended IS 'Whether the change ended the person''s sessions, but for session_kept.';

-- What was deleted, so that an older message that comes late brings nothing back. Without personal data, and not for
-- questions.
CREATE TABLE tombstones (
    kind text NOT NULL,
    owner text NOT NULL,
    key text NOT NULL,
    version bigint NOT NULL,
    deleted_at timestamptz NOT NULL,
    PRIMARY KEY (kind, owner, key)
);
CREATE INDEX tombstones_age ON tombstones (deleted_at);

GRANT SELECT ON people, identities, sessions, items, memberships, events TO reporting_full;
GRANT SELECT (id, version, email_verified, age, locale, terms_version, terms_accepted_at, roles, status, source,
    last_sign_in_at, created_at, updated_at) ON people TO reporting;
GRANT SELECT ON identities, memberships TO reporting;
GRANT SELECT (id, user_id, started_at, expires_at, method, second_factor, new_device, after_import, connection,
    ended_at, end_reason) ON sessions TO reporting;
GRANT SELECT (user_id, key, version, size, written_at, updated_at) ON items TO reporting;
GRANT SELECT (id, time, type, subject, version, actor, bulk, session_id, changed, data, sessions_ended)
    ON events TO reporting;
