import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fixture, openFixture, planOf } from '../../tests/contract/orchestrator-fixture.ts';

const DESCRIPTION = 'Calculate the statistics of data.csv';

let service: Fixture;
beforeAll(async () => {
  service = await openFixture();
});
afterAll(() => service.close());

interface FormFile {
  name: string;
  content: string | Uint8Array;
  field?: string;
}

function formOf(fields: Record<string, string>, files: FormFile[] = []): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const { field = 'files', name, content } of files) form.append(field, new Blob([content]), name);
  return form;
}

async function post(form: FormData, url = '/tasks', headers: Record<string, string> = {}) {
  const encoded = new Response(form);
  const answer = await service.app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': encoded.headers.get('content-type') ?? '', ...headers },
    payload: Buffer.from(await encoded.arrayBuffer()),
  });
  return { status: answer.statusCode, body: answer.json() };
}

const folders = () => readdir(service.sharedFiles);

describe('a multipart body', () => {
  it('stores its files where agents read them, and tells the planner', async () => {
    let files: unknown;
    const { planWith } = service.planner;
    service.planner.planWith = async (request) => {
      files = request.files;
      return planWith(request);
    };
    const { status, body } = await post(
      formOf({ description: DESCRIPTION, user_id: 'ada' }, [
        { name: 'data.csv', content: 'a,b\n1,2\n' },
        { name: '../../escape.txt', content: 'x' },
      ]),
    );
    service.planner.planWith = planWith;
    expect(status).toBe(200);
    expect(files).toEqual([
      { path: 'input/data.csv', bytes: 8 },
      { path: 'input/escape.txt', bytes: 1 },
    ]);
    const folder = join(service.sharedFiles, body.task_id);
    expect(await readFile(join(folder, 'input/data.csv'), 'utf8')).toBe('a,b\n1,2\n');
    expect((await service.get(`/tasks/${body.task_id}/files`)).body).toEqual({ files });
    expect((await service.get(`/tasks/${body.task_id}`)).body.task).toMatchObject({ user_id: 'ada' });
  });

  it('may hold bytes that are no text', async () => {
    const content = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);
    const { body } = await post(formOf({ description: DESCRIPTION }, [{ name: 'data.bin', content }]));
    const answer = await service.app.inject(`/tasks/${body.task_id}/files/input/data.bin`);
    expect(answer.rawPayload.equals(content)).toBe(true);
  });

  it.each([
    ['a field', (plan: string) => formOf({ description: DESCRIPTION, plan })],
    [
      'a file',
      (plan: string) => formOf({ description: DESCRIPTION }, [{ field: 'plan', name: 'plan.json', content: plan }]),
    ],
  ])('takes the plan from %s', async (_, formWith) => {
    const plan = planOf([{ description: 'Calculate the mean of it' }, { description: 'Calculate the sum of it' }]);
    const { status, body } = await post(formWith(JSON.stringify(plan)));
    expect({ status, subtasks: body.subtasks_count }).toEqual({ status: 200, subtasks: 2 });
  });

  it('goes together with parameters in the query string', async () => {
    const url = `/tasks?${new URLSearchParams({ description: DESCRIPTION })}`;
    expect(await post(formOf({}, [{ name: 'data.csv', content: '1' }]), url)).toMatchObject({ status: 200 });
  });

  it('that repeats an Idempotency-Key leaves one folder behind', async () => {
    const headers = { 'idempotency-key': 'form-1' };
    const form = () => formOf({ description: DESCRIPTION }, [{ name: 'data.csv', content: '1' }]);
    const first = await post(form(), '/tasks', headers);
    const before = await folders();
    expect(await post(form(), '/tasks', headers)).toEqual(first);
    const changed = formOf({ description: DESCRIPTION }, [{ name: 'data.csv', content: '2' }]);
    expect(await post(changed, '/tasks', headers)).toMatchObject({ status: 409 });
    expect(await folders()).toEqual(before);
  });
});

describe('a multipart body that is refused leaves nothing on the disk', () => {
  const csv = { name: 'data.csv', content: '1' };
  const big = 'x'.repeat(600_000);
  it.each<[string, number, string | undefined, () => FormData]>([
    ['no description', 400, 'description', () => formOf({}, [csv])],
    ['a bad plan', 400, 'plan.subtasks', () => formOf({ description: DESCRIPTION, plan: '{}' }, [csv])],
    ['a plan that is no JSON', 400, 'plan', () => formOf({ description: DESCRIPTION, plan: '{' }, [csv])],
    ['an unknown field', 400, 'descripton', () => formOf({ descripton: DESCRIPTION }, [csv])],
    ['a file in another field', 400, 'file', () => formOf({ description: DESCRIPTION }, [{ ...csv, field: 'file' }])],
    [
      'two files of one name',
      400,
      'files',
      () => formOf({ description: DESCRIPTION }, [csv, { ...csv, name: '.data.csv' }]),
    ],
    [
      'a file without a usable name',
      400,
      'files',
      () => formOf({ description: DESCRIPTION }, [{ ...csv, name: '..' }]),
    ],
    [
      'a file name that is too long',
      400,
      'files',
      () => formOf({ description: DESCRIPTION }, [{ ...csv, name: 'é'.repeat(101) }]),
    ],
    [
      'one file over the limit',
      413,
      'files',
      () => formOf({ description: DESCRIPTION }, [{ ...csv, content: big + big }]),
    ],
    [
      'files over the limit together',
      413,
      'files',
      () =>
        formOf({ description: DESCRIPTION }, [
          { name: 'a', content: big },
          { name: 'b', content: big },
        ]),
    ],
    ['a field over the limit', 413, 'files', () => formOf({ description: DESCRIPTION, plan: `"${big + big}"` })],
    [
      'more than 100 files',
      413,
      undefined,
      () =>
        formOf(
          { description: DESCRIPTION },
          Array.from({ length: 101 }, (_, n) => ({ name: `${n}`, content: '' })),
        ),
    ],
    [
      'far more than 100 files',
      413,
      undefined,
      () =>
        formOf(
          { description: DESCRIPTION },
          Array.from({ length: 300 }, (_, n) => ({ name: `${n}`, content: '' })),
        ),
    ],
  ])('with %s', async (_, ...[status, field, form]) => {
    const before = await folders();
    const answer = await post(form());
    expect({ status: answer.status, field: answer.body.field }).toEqual({ status, field });
    expect(answer.body).toMatchObject({
      detail: expect.any(String),
      code: status === 413 ? 'too_large' : expect.any(String),
    });
    expect(await folders()).toEqual(before);
  });

  it.each([
    [
      'over the limit, sent without a length',
      413,
      `--b\r\ncontent-disposition: form-data; name="files"; filename="a"\r\n\r\n${'x'.repeat(1_000_001)}\r\n--b--\r\n`,
    ],
    [
      'a field over the limit, sent without a length',
      413,
      `--b\r\ncontent-disposition: form-data; name="description"\r\n\r\n${'x'.repeat(1_000_001)}\r\n--b--\r\n`,
    ],
    [
      'a field given twice',
      400,
      `--b\r\ncontent-disposition: form-data; name="description"\r\n\r\nx\r\n--b\r\ncontent-disposition: form-data; name="description"\r\n\r\nx\r\n--b--\r\n`,
    ],
    [
      'a JSON field that is none',
      400,
      `--b\r\ncontent-disposition: form-data; name="plan"\r\ncontent-type: application/json\r\n\r\n{\r\n--b--\r\n`,
    ],
    ['an end too early', 400, '--b\r\ncontent-disposition: form-data; name="files"; filename="a"\r\n\r\nxx'],
    ['no part at all', 400, 'nothing'],
  ])('with %s', async (_, status, payload) => {
    const before = await folders();
    const url = await listening();
    const answer = await fetch(`${url}/tasks`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: new Blob([payload]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({
      detail: expect.any(String),
      code: status === 413 ? 'too_large' : 'invalid_request',
    });
    expect(await folders()).toEqual(before);
  });

  let address: Promise<string> | undefined;
  function listening(): Promise<string> {
    address ??= service.app.listen({ host: '127.0.0.1', port: 0 });
    return address;
  }

  it('with a plan part that says it is JSON', async () => {
    const plan = JSON.stringify(planOf([{ description: 'Calculate the mean of it' }]));
    const payload = `--b\r\ncontent-disposition: form-data; name="description"\r\n\r\n${DESCRIPTION}\r\n--b\r\ncontent-disposition: form-data; name="plan"\r\ncontent-type: application/json\r\n\r\n${plan}\r\n--b--\r\n`;
    const headers = { 'content-type': 'multipart/form-data; boundary=b' };
    const answer = await service.app.inject({ method: 'POST', url: '/tasks', headers, payload });
    expect(answer.statusCode).toBe(200);
  });
});

describe('a file of a task', () => {
  let taskId: string;
  beforeAll(async () => {
    const { body } = await post(formOf({ description: DESCRIPTION }, [{ name: 'it’s <b>.html', content: '<script>' }]));
    taskId = body.task_id;
  });

  it('is a download that no browser runs', async () => {
    const answer = await service.app.inject(`/tasks/${taskId}/files/input/${encodeURIComponent('it’s <b>.html')}`);
    expect(answer.body).toBe('<script>');
    expect(answer.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '8',
      'x-content-type-options': 'nosniff',
    });
    expect(answer.headers['content-disposition']).toBe("attachment; filename*=UTF-8''it%E2%80%99s%20%3Cb%3E.html");
  });

  it.each([
    ['..%2f..%2fetc%2fpasswd', 400],
    ['%2fetc%2fpasswd', 400],
    ['link', 400],
    ['input/none', 404],
    ['input', 404],
    ['', 400],
  ])('is not found at %j', async (path, status) => {
    const link = join(service.sharedFiles, taskId, 'link');
    await writeFile(join(service.sharedFiles, 'secret'), 'secret');
    await symlink(join(service.sharedFiles, 'secret'), link).catch(() => undefined);
    const { status: answered, body } = await service.get(`/tasks/${taskId}/files/${path}`);
    expect(answered).toBe(status);
    expect(body).toMatchObject({ detail: expect.any(String), field: 'path' });
  });

  it('of an unknown task is not found, nor is its list', async () => {
    expect(await service.get('/tasks/task_unknown/files')).toMatchObject({ status: 404 });
    expect(await service.get('/tasks/task_unknown/files/input/a')).toMatchObject({ status: 404 });
  });
});
