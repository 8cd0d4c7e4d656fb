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

/**
 * The best of the user's documents for these words; any of them may match. ts_rank, not ts_rank_cd: of words joined by
 * "or", the latter counts every repetition in full, so that one word said often would outrank all words said once.
 */
export async function searchDocuments(db: Sql, question: SearchQuestion): Promise<SearchHit[]> {
  return db.query<SearchHit>(
    `with asked as (
       select string_agg(quote_literal(word), ' | ')::tsquery as words
       from unnest(tsvector_to_array(to_tsvector('english', $2))) as word
     )
     select task_id, source, title,
       ts_headline('english', body, asked.words, 'MaxWords=40, MinWords=15, StartSel="", StopSel=""') as excerpt,
       ts_rank(search_documents.words, asked.words, 32)::float8 as score
     from search_documents, asked
     where user_id = $1 and search_documents.words @@ asked.words
     order by score desc, id desc limit $3`,
    [question.user_id, question.query, question.limit],
  );
}
