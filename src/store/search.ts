// The index behind embedding_search: results and files of a user's tasks, found by words (PostgreSQL full-text search).
import { type Sql, toJson } from './db.ts';

/** Characters of a document that are indexed; a tsvector holds at most 1 MB. */
export const INDEXED_MAX = 100_000;

export interface SearchDocument {
  task_id: string;
  /** `result:<subtask id>` or `file:<path>`; a document with the same source replaces the earlier one. */
  source: string;
  title: string;
  body: string;
}

export interface SearchQuestion {
  user_id: string;
  query: string;
  limit: number;
}

export interface SearchHit {
  task_id: string;
  source: string;
  title: string;
  excerpt: string;
  /** 0 to 1. */
  score: number;
}

export async function indexDocuments(db: Sql, documents: readonly SearchDocument[]): Promise<void> {
  // The last one of a source wins here, since one statement cannot replace a row twice.
  const latest = new Map(documents.map((document) => [`${document.task_id} ${document.source}`, document]));
  const rows = [...latest.values()].map((document) => ({ ...document, body: document.body.slice(0, INDEXED_MAX) }));
  await db.query(
    `insert into search_documents (user_id, task_id, source, title, body)
     select t.user_id, d.task_id, d.source, d.title, d.body
     from jsonb_to_recordset($1::jsonb) as d (task_id text, source text, title text, body text)
     join tasks t on t.id = d.task_id
     on conflict (task_id, source) do update set title = excluded.title, body = excluded.body`,
    [toJson(rows)],
  );
}

/** Documents compared of each kind, the newest first, so that a word that a million documents have costs no more than others. */
const CANDIDATES = 500;

/**
 * The best of the user's documents for these words: compared are the newest that have all of them and the newest that have
 * any. ts_rank, not ts_rank_cd: of words joined by "or", the latter counts every repetition in full, so that one word said
 * often would outrank all words said once.
 */
export async function searchDocuments(db: Sql, question: SearchQuestion): Promise<SearchHit[]> {
  // Beforehand, since the planner chooses the index by how common the words are, which it sees in a parameter only.
  const [asked] = await db.query<{ all_words: string | null; any_word: string | null }>(
    `select string_agg(quote_literal(word), ' & ') as all_words, string_agg(quote_literal(word), ' | ') as any_word
     from unnest(tsvector_to_array(to_tsvector('english', $1))) as word`,
    [question.query],
  );
  if (!asked?.any_word) return [];
  return db.query<SearchHit>(
    `with candidates as (
       (select id from search_documents where user_id = $1 and words @@ $2::tsquery order by id desc limit ${CANDIDATES})
       union
       (select id from search_documents where user_id = $1 and words @@ $3::tsquery order by id desc limit ${CANDIDATES})
     )
     select task_id, source, title,
       ts_headline('english', body, $3::tsquery, 'MaxWords=40, MinWords=15, StartSel="", StopSel=""') as excerpt,
       ts_rank(words, $3::tsquery, 32)::float8 as score
     from search_documents where id = any(array(select id from candidates))
     order by score desc, id desc limit $4`,
    [question.user_id, asked.all_words, asked.any_word, question.limit],
  );
}
