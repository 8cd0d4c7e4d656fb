-- Who may use the HTTP API. Of a key only its SHA-256 is kept: it is random with 256 bits, so no slow hash is needed, and
-- whoever reads this table can use none of them. Rows stay when a key is revoked, to say that it was.
create table api_keys (
  id text primary key check (id ~ '^key_[a-z0-9]+$'),
  hash text not null unique check (hash ~ '^[0-9a-f]{64}$'),
  -- What it is for, in the words of whoever made it; may be empty.
  name text not null check (char_length(name) <= 200),
  user_id text not null check (user_id <> ''),
  -- The words are those of src/domain/role.ts.
  role text not null check (role in ('read', 'submit', 'operate')),
  created_at timestamptz(3) not null default now(),
  -- About when it was last used: written at most once an hour.
  last_used_at timestamptz(3),
  revoked_at timestamptz(3)
);
create index api_keys_by_age on api_keys (created_at desc, id desc);
