-- What embedding_search finds: results and files of finished work, by user, by words.
create table search_documents (
  id bigint generated always as identity primary key,
  user_id text not null,
  task_id text not null references tasks on delete cascade,
  -- `result:<subtask id>` or `file:<path>`
  source text not null,
  title text not null,
  body text not null,
  words tsvector not null generated always as (
    setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', body), 'B')
  ) stored,
  created_at timestamptz(3) not null default now(),
  unique (task_id, source)
);
create index search_documents_words on search_documents using gin (words);
create index search_documents_by_user on search_documents (user_id);
