// What agents may say in SQL. Judges one statement by the parse tree of PostgreSQL's own parser, before it is run; pure.
// The roles of the database are the other wall (see workspace.ts): they guard the data, this guards the session, because a
// statement that reached set_config, reset or commit could take those roles off again.
import { parse } from 'libpg-query';

export type Verdict =
  /** `text` is the statement alone: without what stood before or behind it, and without its semicolon. */
  { ok: true; kind: string; text: string; tree: SqlNode } | { ok: false; reason: string };

/** A node of the parse tree as plain data: only names that are looked for are read, each checked where it is. */
export type SqlNode = Record<string, unknown>;

/** Accepts one statement that only reads: select, values, table, with … select, or explain of such. */
export async function judgeQuery(sql: string): Promise<Verdict> {
  const parsed = await parseOne(sql);
  if (!parsed.ok) return parsed;
  const top = parsed.kind === 'ExplainStmt' ? statementIn(parsed.tree.query) : parsed;
  if (top?.kind !== 'SelectStmt') {
    return refused(
      `${commandOf(top?.kind ?? parsed.kind)} is not a read-only statement; use select, or database_execute to change something`,
    );
  }
  const problem = firstProblem(parsed.tree, queryProblem);
  return problem ? refused(problem) : parsed;
}

/** Accepts one statement that changes tables, indexes or views of the workspace schema, or rows in them. */
export async function judgeCommand(sql: string): Promise<Verdict> {
  const parsed = await parseOne(sql);
  if (!parsed.ok) return parsed;
  const problem = commandProblem(parsed.kind, parsed.tree) ?? firstProblem(parsed.tree, changeProblem);
  return problem ? refused(problem) : parsed;
}

async function parseOne(sql: string): Promise<Verdict> {
  if (sql.includes('\0')) return refused('the statement contains a NUL character; leave it out');
  const statements = await parse(sql).then(
    (result) => (result.stmts ?? []) as SqlNode[],
    (error: Error) => error.message,
  );
  if (typeof statements === 'string') return refused(`${statements}; give one PostgreSQL statement`);
  const kinds = statements.map((statement) => statementIn(statement.stmt)?.kind ?? 'nothing');
  const [only] = statements;
  const found = statementIn(only?.stmt);
  if (statements.length !== 1 || !found) {
    return refused(`found ${kinds.length} statements (${kinds.map(commandOf).join('; ') || 'none'}); give exactly one`);
  }
  return { ok: true, ...found, text: sliceBytes(sql, only?.stmt_location, only?.stmt_len) };
}

/** PostgreSQL counts bytes, and leaves out a length that reaches to the end. */
function sliceBytes(sql: string, location: unknown, length: unknown): string {
  const start = typeof location === 'number' ? location : 0;
  const end = typeof length === 'number' ? start + length : undefined;
  return Buffer.from(sql, 'utf8').subarray(start, end).toString('utf8').trim();
}

function statementIn(wrapped: unknown): { kind: string; tree: SqlNode } | null {
  if (!isNode(wrapped)) return null;
  const [entry] = Object.entries(wrapped);
  return entry && isNode(entry[1]) ? { kind: entry[0], tree: entry[1] } : null;
}

const COMMANDS: Record<string, string> = {
  SelectStmt: 'SELECT',
  InsertStmt: 'INSERT',
  UpdateStmt: 'UPDATE',
  DeleteStmt: 'DELETE',
  MergeStmt: 'MERGE',
  TruncateStmt: 'TRUNCATE',
  CommentStmt: 'COMMENT',
  CreateStmt: 'CREATE TABLE',
  CreateTableAsStmt: 'CREATE TABLE AS',
  IndexStmt: 'CREATE INDEX',
  ViewStmt: 'CREATE VIEW',
  AlterTableStmt: 'ALTER TABLE',
  RenameStmt: 'RENAME',
  DropStmt: 'DROP',
  TransactionStmt: 'a transaction statement',
  VariableSetStmt: 'SET',
  VariableShowStmt: 'SHOW',
  CopyStmt: 'COPY',
  DoStmt: 'DO',
  CallStmt: 'CALL',
  ExplainStmt: 'EXPLAIN',
};

/** The name by which a person knows a kind of statement, such as INSERT. */
export function commandOf(kind: string): string {
  return (
    COMMANDS[kind] ??
    kind
      .replace(/Stmt$/, '')
      .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
      .toUpperCase()
  );
}

/** The name of the table that a CREATE TABLE AS makes. */
export function createdTable(tree: SqlNode): string {
  const relation = isNode(tree.into) ? tree.into.rel : undefined;
  return isNode(relation) ? String(relation.relname) : '';
}

const CHANGES = new Set([
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'TruncateStmt',
  'CreateStmt',
  'IndexStmt',
  'ViewStmt',
]);
const CHANGEABLE = new Set(['OBJECT_TABLE', 'OBJECT_INDEX', 'OBJECT_VIEW']);
const RENAMEABLE = new Set([...CHANGEABLE, 'OBJECT_COLUMN', 'OBJECT_TABCONSTRAINT']);
const COMMENTABLE = new Set([...CHANGEABLE, 'OBJECT_COLUMN']);
const ALTERATIONS = new Set([
  'AT_AddColumn',
  'AT_ColumnDefault',
  'AT_DropNotNull',
  'AT_SetNotNull',
  'AT_SetExpression',
  'AT_DropExpression',
  'AT_DropColumn',
  'AT_AddConstraint',
  'AT_ValidateConstraint',
  'AT_DropConstraint',
  'AT_AlterColumnType',
  'AT_AddIdentity',
  'AT_SetIdentity',
  'AT_DropIdentity',
  'AT_AttachPartition',
  'AT_DetachPartition',
]);

/** What must hold of a command besides its kind; a kind that is not here may not be given at all. */
const COMMAND_RULES: Record<string, (tree: SqlNode) => string | null> = {
  ...Object.fromEntries([...CHANGES].map((kind) => [kind, () => null])),
  CommentStmt: ({ objtype, object }) =>
    among(COMMENTABLE, objtype, 'COMMENT ON') ?? qualifierProblem(object, objtype === 'OBJECT_COLUMN' ? 2 : 1),
  CreateTableAsStmt: ({ objtype, query }) =>
    among(new Set(['OBJECT_TABLE']), objtype, 'CREATE AS of') ??
    (statementIn(query)?.kind === 'SelectStmt' ? null : notAllowed('CREATE TABLE AS EXECUTE')),
  RenameStmt: ({ renameType }) => among(RENAMEABLE, renameType, 'RENAME of'),
  DropStmt: ({ removeType, objects }) =>
    among(CHANGEABLE, removeType, 'DROP') ??
    listOf(objects).reduce<string | null>((problem, name) => problem ?? qualifierProblem(name, 1), null),
  AlterTableStmt: ({ objtype, cmds }) => among(CHANGEABLE, objtype, 'ALTER') ?? alterationProblem(cmds),
};

function commandProblem(kind: string, tree: SqlNode): string | null {
  if (kind === 'SelectStmt' || kind === 'ExplainStmt') return `${commandOf(kind)} changes nothing; use database_query`;
  const rule = COMMAND_RULES[kind];
  return rule ? rule(tree) : notAllowed(commandOf(kind));
}

function among(allowed: Set<string>, object: unknown, verb: string): string | null {
  return allowed.has(String(object))
    ? null
    : notAllowed(`${verb} ${String(object).replace('OBJECT_', '').toLowerCase()}`);
}

function notAllowed(what: string): string {
  return `${what} is not allowed; create, alter, drop or fill tables, indexes and views of the workspace schema`;
}

function alterationProblem(commands: unknown): string | null {
  const kinds = listOf(commands).map((command) => String(statementIn(command)?.tree.subtype));
  const wrong = kinds.find((kind) => !ALTERATIONS.has(kind));
  return wrong
    ? notAllowed(
        `ALTER TABLE with ${wrong
          .replace('AT_', '')
          .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
          .toLowerCase()}`,
      )
    : null;
}

type Check = (name: string, node: SqlNode) => string | null;

/** Every node of the tree, however deep; without recursion, because a sum of 10,000 terms is 10,000 nodes deep. */
function firstProblem(root: SqlNode, check: Check): string | null {
  const open: object[] = [root];
  for (let at = open.pop(); at; at = open.pop()) {
    for (const [name, node] of Object.entries(at).filter(isMember)) {
      const problem = check(name, node);
      if (problem) return problem;
      open.push(node);
    }
  }
  return null;
}

function isMember(entry: [string, unknown]): entry is [string, SqlNode] {
  return typeof entry[1] === 'object' && entry[1] !== null;
}

const queryProblem: Check = (name, node) => {
  if (name === 'intoClause') return 'SELECT INTO makes a table; use database_execute with create table … as select';
  if (name === 'lockingClause') return 'FOR UPDATE and FOR SHARE lock rows; leave them out';
  if (isWrite(name)) return `${commandOf(name)} inside a query changes data; use database_execute`;
  return referenceProblem(node, { schemas: READABLE, functions: /^(nextval|setval|currval|lastval)$/ });
};

const changeProblem: Check = (name, node) => {
  if (name === 'intoClause') return 'SELECT INTO is not allowed; use create table … as select';
  if (isWrite(name)) return `${commandOf(name)} inside another statement; give each change a call of its own`;
  return referenceProblem(node, { schemas: WRITABLE, functions: null });
};

function isWrite(name: string): boolean {
  return /^[A-Z]\w*Stmt$/.test(name) && name !== 'SelectStmt';
}

const WRITABLE = ['workspace'];
const READABLE = ['workspace', 'information_schema'];

interface Rules {
  schemas: readonly string[];
  /** Functions refused besides those that are refused everywhere. */
  functions: RegExp | null;
}

function referenceProblem(node: SqlNode, rules: Rules): string | null {
  if (typeof node.relname === 'string') return relationProblem(node, node.relname, rules.schemas);
  return Array.isArray(node.funcname) ? functionProblem(namesOf(node.funcname), rules.functions) : null;
}

function relationProblem(node: SqlNode, name: string, schemas: readonly string[]): string | null {
  const qualifier = [node.catalogname, node.schemaname].filter((part) => part !== undefined).join('.');
  if (qualifier && !schemas.includes(qualifier)) return foreign(`${qualifier}.${name}`);
  if (name.startsWith('pg_')) return foreign(name);
  // A temporary table would come before the tables of that name for whoever uses the connection next.
  return node.relpersistence === 't'
    ? `${name} is temporary, which ends with this call; make it an ordinary table`
    : null;
}

function foreign(name: string): string {
  return `${name} is outside the workspace schema; use its tables only, without a schema before the name`;
}

/**
 * Functions that change the session or read its settings, run SQL of their own, reach files, other servers or other
 * sessions, or wait. Of what PostgreSQL names pg_…, only pg_typeof is harmless for sure.
 */
const REFUSED_FUNCTIONS =
  /^(pg_(?!typeof$)|lo_|lo(read|write)$|dblink|(query|cursor|table|schema|database)_to_|crosstab|connectby|xpath_table|inet_(client|server)_|txid_|ts_(stat|rewrite)$|(set_config|current_setting|brin_summarize|brin_desummarize|gin_clean_pending)\w*$)/;

function functionProblem(names: readonly string[], refusedHere: RegExp | null): string | null {
  const name = names.at(-1) ?? '';
  const schema = names.slice(0, -1).join('.');
  if (schema && schema !== 'pg_catalog' && schema !== 'workspace')
    return `the function ${names.join('.')} is outside the workspace schema; leave it out`;
  return REFUSED_FUNCTIONS.test(name) || refusedHere?.test(name)
    ? `the function ${name} is not allowed here; leave it out`
    : null;
}

/** For objects that are named by a list of names instead of a relation: a schema in front must be workspace. */
function qualifierProblem(object: unknown, plainLength: number): string | null {
  const names = namesOf(statementIn(object)?.tree.items);
  const qualifier = names.slice(0, -plainLength).join('.');
  return qualifier && qualifier !== 'workspace' ? foreign(names.join('.')) : null;
}

function namesOf(strings: unknown): string[] {
  return listOf(strings).map((string) => String(statementIn(string)?.tree.sval));
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isNode(value: unknown): value is SqlNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refused(reason: string): Verdict {
  return { ok: false, reason };
}
