-- What is asked again and again, counted once an hour: numbers of many people, without any of them. `views.refresh`
-- counts anew. To count a million people and what they did takes seconds, to read the numbers milliseconds.

CREATE MATERIALIZED VIEW cohorts AS
WITH arrived AS (
    SELECT id, CAST(date_trunc('week', created_at AT TIME ZONE 'UTC') AS date) AS week,
        source IS NOT DISTINCT FROM 'import' AS imported
    FROM people
), cohort AS (
    SELECT week, imported, count(*) AS people FROM arrived GROUP BY week, imported
), active AS (
    SELECT DISTINCT user_id, CAST(date_trunc('week', started_at AT TIME ZONE 'UTC') AS date) AS week FROM sessions
), returned AS (
    SELECT a.week, a.imported, (s.week - a.week) / 7 AS weeks_later, count(*) AS came_back
    FROM active AS s JOIN arrived AS a ON a.id = s.user_id
    GROUP BY a.week, a.imported, weeks_later
)
SELECT c.week, c.imported, n AS weeks_later, c.people, coalesce(r.came_back, 0) AS came_back, now() AS as_of
FROM cohort AS c
CROSS JOIN LATERAL generate_series(0, (CAST(now() AT TIME ZONE 'UTC' AS date) - c.week) / 7) AS n
LEFT JOIN returned AS r ON r.week = c.week AND r.imported = c.imported AND r.weeks_later = n;
CREATE UNIQUE INDEX cohorts_row ON cohorts (week, imported, weeks_later);
COMMENT ON MATERIALIZED VIEW cohorts IS 'Of those who arrived in a week and are still here, how many signed in that week and in each week since. Counted anew every hour.';
COMMENT ON COLUMN cohorts.week IS 'The Monday, in UTC, of the week in which the accounts came to be.';
COMMENT ON COLUMN cohorts.imported IS 'Whether an import brought them: then the week says nothing of what they did.';
COMMENT ON COLUMN cohorts.weeks_later IS '0 is the week itself.';
COMMENT ON COLUMN cohorts.people IS 'How many arrived, the same in each row of the week.';
COMMENT ON COLUMN cohorts.came_back IS 'How many of them signed in, in that later week, as far as the sessions here go back.';
COMMENT ON COLUMN cohorts.as_of IS 'When it was counted.';

CREATE MATERIALIZED VIEW sign_ins AS
SELECT CAST(started_at AT TIME ZONE 'UTC' AS date) AS day, coalesce(method, 'unknown') AS method,
    count(*) AS sign_ins, count(*) FILTER (WHERE second_factor) AS with_second_factor,
    count(*) FILTER (WHERE new_device) AS on_new_device, count(*) FILTER (WHERE after_import) AS after_import,
    now() AS as_of
FROM sessions WHERE started_at IS NOT NULL
GROUP BY 1, 2;
CREATE UNIQUE INDEX sign_ins_row ON sign_ins (day, method);
COMMENT ON MATERIALIZED VIEW sign_ins IS 'Sign-ins by day and first factor, of people who are still here. Counted anew every hour.';
COMMENT ON COLUMN sign_ins.day IS 'In UTC.';
COMMENT ON COLUMN sign_ins.method IS 'password, mailed_code, passkey, connection or unknown.';
COMMENT ON COLUMN sign_ins.with_second_factor IS 'How many of them proved a second factor too.';
COMMENT ON COLUMN sign_ins.on_new_device IS 'How many of them came from a device that the person had not used before.';
COMMENT ON COLUMN sign_ins.after_import IS 'How many of them were the first of an imported person.';
COMMENT ON COLUMN sign_ins.as_of IS 'When it was counted.';

CREATE MATERIALIZED VIEW confirmations AS
WITH confirmed AS (
    SELECT subject, min(time) AS at FROM events WHERE type = 'user.confirmed' GROUP BY subject
), first AS (
    SELECT user_id, min(started_at) AS at FROM sessions GROUP BY user_id
), person AS (
    SELECT CAST(date_trunc('week', p.created_at AT TIME ZONE 'UTC') AS date) AS week,
        coalesce(p.source, 'unknown') AS source, p.email_verified AS confirmed, first.at IS NOT NULL AS signed_in,
        CAST(extract(epoch FROM confirmed.at - p.created_at) AS double precision) AS seconds
    FROM people AS p
    LEFT JOIN confirmed ON confirmed.subject = p.id
    LEFT JOIN first ON first.user_id = p.id
), counted AS (
    SELECT week, source, count(*) AS registered, count(*) FILTER (WHERE confirmed) AS confirmed,
        count(*) FILTER (WHERE confirmed AND signed_in) AS signed_in,
        count(*) FILTER (WHERE seconds <= 3600) AS within_an_hour,
        count(*) FILTER (WHERE seconds <= 86400) AS within_a_day,
        percentile_cont(ARRAY[0.5, 0.9, 0.99]) WITHIN GROUP (ORDER BY seconds) AS percentiles
    FROM person GROUP BY week, source
)
SELECT week, source, registered, confirmed, signed_in, within_an_hour, within_a_day,
    percentiles[1] AS p50_seconds, percentiles[2] AS p90_seconds, percentiles[3] AS p99_seconds, now() AS as_of
FROM counted;
CREATE UNIQUE INDEX confirmations_row ON confirmations (week, source);
COMMENT ON MATERIALIZED VIEW confirmations IS 'Of those who arrived in a week and are still here, how many confirmed their email address and then signed in, and how long the confirmation took. Counted anew every hour.';
COMMENT ON COLUMN confirmations.week IS 'The Monday, in UTC, of the week in which the accounts came to be.';
COMMENT ON COLUMN confirmations.source IS 'How they came to be: registration, import, admin, invitation, connection or unknown.';
COMMENT ON COLUMN confirmations.confirmed IS 'How many of them have a confirmed address now.';
COMMENT ON COLUMN confirmations.signed_in IS 'How many of those have signed in, as far as the sessions here go back.';
COMMENT ON COLUMN confirmations.within_an_hour IS 'How many were confirmed within an hour after the account came to be.';
COMMENT ON COLUMN confirmations.p50_seconds IS 'Half of the confirmations took no longer. Null where there is none, as far as the events here go back.';
COMMENT ON COLUMN confirmations.as_of IS 'When it was counted.';

GRANT SELECT ON cohorts, sign_ins, confirmations TO reporting, reporting_full;
