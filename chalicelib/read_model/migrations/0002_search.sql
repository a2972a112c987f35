-- What searches use. The expressions are those of `filters.fields`; name and address are the first lines of `search`.

CREATE INDEX people_search ON people USING gin (search gin_trgm_ops);
CREATE INDEX people_attributes ON people USING gin (attributes);
CREATE INDEX people_metadata ON people USING gin (metadata);
CREATE INDEX people_roles ON people USING gin (roles) WHERE roles <> '{}';

-- One for each column that people are sorted by. Each ends with the id, so that an order has no ties. What most stages
-- do not use costs nothing there: each index of this table makes each change of a person a little slower.
CREATE INDEX people_by_email ON people
    ((CASE WHEN email <> '' THEN split_part(search, chr(10), CASE WHEN name <> '' THEN 2 ELSE 1 END) END COLLATE "C"), id);
CREATE INDEX people_by_email_verified ON people (email_verified, id);
CREATE INDEX people_by_name ON people ((CASE WHEN name <> '' THEN split_part(search, chr(10), 1) END COLLATE "C"), id);
CREATE INDEX people_by_age ON people (age, id);
CREATE INDEX people_by_birthdate ON people (birthdate, id);
CREATE INDEX people_by_locale ON people (locale COLLATE "C", id);
CREATE INDEX people_by_terms_version ON people (terms_version COLLATE "C", id)
    WHERE (terms_version COLLATE "C") IS NOT NULL;
CREATE INDEX people_by_terms_accepted_at ON people (terms_accepted_at, id) WHERE terms_accepted_at IS NOT NULL;
CREATE INDEX people_by_status ON people (status COLLATE "C", id);
CREATE INDEX people_by_created_at ON people (created_at, id);
CREATE INDEX people_by_updated_at ON people (updated_at, id);
CREATE INDEX people_by_version ON people (version, id);
CREATE INDEX people_by_email_domain ON people (email_domain COLLATE "C", id);
CREATE INDEX people_by_source ON people (source COLLATE "C", id);
CREATE INDEX people_by_last_sign_in_at ON people (last_sign_in_at, id);

CREATE INDEX identities_connection ON identities (connection, user_id);
