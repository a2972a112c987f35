-- Puts people of an export for Supabase into its tables:
--   psql "$DATABASE_URL" --single-transaction -v ON_ERROR_STOP=1 -f docs/moving/supabase.sql < users.csv
-- Who is there already, by id or address, stays as they are.

create temporary table incoming (
  id uuid primary key,
  email text,
  encrypted_password text,
  email_confirmed_at timestamptz,
  raw_app_meta_data jsonb,
  raw_user_meta_data jsonb,
  banned_until timestamptz,
  created_at timestamptz,
  identities jsonb,
  mfa_factors jsonb
);

\copy incoming from pstdin with (format csv, header)

delete from incoming
using auth.users
where users.id = incoming.id or lower(users.email) = lower(incoming.email);

-- The tokens are empty texts, not null: Supabase's server reads no null there.
insert into auth.users (
  instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data,
  banned_until, created_at, updated_at, confirmation_token, recovery_token, email_change_token_new, email_change
)
select
  '00000000-0000-0000-0000-000000000000', id, 'authenticated', 'authenticated', lower(email),
  coalesce(encrypted_password, ''), email_confirmed_at,
  raw_app_meta_data || jsonb_build_object('provider', 'email', 'providers', '["email"]' || coalesce(providers, '[]')),
  raw_user_meta_data, banned_until, created_at, now(), '', '', '', ''
from incoming, jsonb_path_query_array(coalesce(identities, '[]'), '$[*].provider') as providers;

insert into auth.identities (provider_id, user_id, provider, identity_data, created_at, updated_at)
select
  id::text, id, 'email',
  jsonb_build_object('sub', id, 'email', lower(email), 'email_verified', email_confirmed_at is not null),
  created_at, now()
from incoming
where email is not null;

insert into auth.identities (provider_id, user_id, provider, identity_data, created_at, updated_at)
select
  identity ->> 'provider_id', incoming.id, identity ->> 'provider', identity -> 'identity_data', created_at, now()
from incoming, jsonb_array_elements(incoming.identities) as identity
on conflict do nothing;

insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, secret, created_at, updated_at)
select
  gen_random_uuid(), incoming.id, factor ->> 'friendly_name', 'totp', 'verified', factor ->> 'secret', created_at, now()
from incoming, jsonb_array_elements(incoming.mfa_factors) as factor;
