import { Response } from 'undici';
import { expect, it } from 'vitest';
import { readBody } from './http-body.ts';

const body = (content: Uint8Array | string, headers = {}) => readBody(new Response(content, { headers }), 1_000_000);
const png = { 'content-type': 'image/png' };

it('names what is binary instead of showing it', async () => {
  const named = { body: '[binary content, 4 bytes]', truncated: false };
  expect(await body(Buffer.from([137, 80, 0, 1]), png)).toEqual(named);
  expect(await body(Buffer.from([0xff, 0xfe, 0xfd, 0xfc]), png)).toEqual(named);
});

it('gives the whole size of what is binary and too large, when it was announced', async () => {
  const large = Buffer.alloc(1_500_000);
  const announced = { ...png, 'content-length': '1500000' };
  expect(await body(large, announced)).toEqual({ body: '[binary content, 1500000 bytes]', truncated: true });
  expect(await body(large, png)).toEqual({ body: '[binary content, 1000000 bytes]', truncated: true });
});

it('shows text whose type says nothing, even when the size limit splits its last character', async () => {
  expect(await body('plain é', png)).toEqual({ body: 'plain é', truncated: false });
  expect(await body(`x${'é'.repeat(600_000)}`, png)).toEqual({ body: `x${'é'.repeat(79_999)}`, truncated: true });
});

it('cuts long text', async () => {
  expect(await body('x'.repeat(80_001))).toEqual({ body: 'x'.repeat(80_000), truncated: true });
});

it('answers an empty body', async () => {
  expect(await readBody(new Response(null), 10)).toEqual({ body: '', truncated: false });
});
