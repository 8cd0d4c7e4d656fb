import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { destinationOf, guardedLookup, isPublicAddress, mayConnect, refuseLiteral } from './address-guard.ts';

const NOT_PUBLIC = [
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '168.63.129.16',
  '::',
  '::1',
  '::127.0.0.1',
  '::7f00:1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::ffff:0:127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b::808:808',
  '64:ff9b:1::1',
  '2002:7f00:1::',
  '2002:808:808::',
  '2001:0:1::',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'fc00::1',
  'fd00:ec2::254',
  'ff02::1',
  '100::1',
  '2001:db8::1',
  '3fff::1',
  '5f00::1',
  '4000::1',
  'localhost',
  '',
  'x',
];

describe('isPublicAddress', () => {
  it.each(NOT_PUBLIC)('is false for %j', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['8.8.8.8', '1.1.1.1', '::ffff:8.8.8.8', '2606:4700:4700::1111', '2a00:1450:4001::1'])(
    'is true for %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it('is false for every address of the private networks, in each way of writing it into IPv6', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    const privateIpv4 = fc.oneof(
      fc.tuple(fc.constantFrom(0, 10, 127), byte, byte, byte),
      fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), byte, byte),
      fc.tuple(fc.constant(192), fc.constant(168), byte, byte),
      fc.tuple(fc.constant(169), fc.constant(254), byte, byte),
      fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), byte, byte),
      fc.tuple(fc.integer({ min: 224, max: 255 }), byte, byte, byte),
    );
    fc.assert(
      fc.property(privateIpv4, (bytes) => {
        const hex = Buffer.from(bytes).toString('hex');
        const words = `${hex.slice(0, 4)}:${hex.slice(4)}`;
        const dotted = bytes.join('.');
        const forms = [
          dotted,
          `::ffff:${dotted}`,
          `::ffff:${words}`,
          `::${words}`,
          `64:ff9b::${words}`,
          `2002:${words}::1`,
          `::ffff:0:${words}`,
        ];
        // However the host is written, what the URL makes of it is judged.
        const number = Buffer.from(bytes).readUInt32BE();
        const hosts = [dotted, `${number}`, `0x${number.toString(16)}`, `0${number.toString(8)}`, `${dotted}.`];
        for (const form of forms) expect(isPublicAddress(form)).toBe(false);
        for (const host of hosts)
          expect(() => refuseLiteral(destinationOf(new URL(`http://${host}/`)), [])).toThrow(/not a public address/);
      }),
    );
  });
});

describe("an operator's entry", () => {
  const at = (url: string) => destinationOf(new URL(url));

  it.each([
    ['127.0.0.1', 'http://127.0.0.1:8080', '127.0.0.1', true],
    ['127.0.0.1:8080', 'http://127.0.0.1:8080', '127.0.0.1', true],
    ['127.0.0.1:8081', 'http://127.0.0.1:8080', '127.0.0.1', false],
    ['127.0.0.1:443', 'https://127.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', 'http://127.0.0.2', '127.0.0.2', false],
    ['[::1]:80', 'http://[::1]', '::1', true],
    ['[::1]', 'http://[::1]:9', '::1', true],
    ['::1', 'http://[0:0::1]:9', '::1', true],
    ['Intranet.example', 'http://intranet.example.', '10.0.0.9', true],
    ['intranet.example:80', 'http://intranet.example', '10.0.0.9', true],
    ['intranet.example', 'http://other.example', '10.0.0.9', false],
    ['10.0.0.0/8', 'http://other.example', '10.0.0.9', true],
    ['10.0.0.0/8', 'http://other.example', '192.168.0.1', false],
    ['fd00::/8', 'http://other.example', 'fd00::1', true],
    ['fd00::/8', 'http://other.example', '10.0.0.9', false],
    ['10.0.0.0/99', 'http://other.example', '10.0.0.9', false],
  ])('%s for %s at %s: %s', (...row) => {
    const [entry, url, address, expected] = row;
    expect(mayConnect(at(url), address, [entry])).toBe(expected);
  });
});

describe('guardedLookup', () => {
  const destination = { host: 'localhost', port: 80 };
  const resolve = (allow: string[], options: object) =>
    new Promise((done) => guardedLookup(destination, allow)('localhost', options, (...answer) => done(answer)));

  it('refuses a name that leads to a private address', async () => {
    expect(await resolve([], { all: true })).toEqual([
      expect.objectContaining({
        message: expect.stringMatching(
          /localhost \((127\.0\.0\.1|::1)\) is not a public address; .* add localhost:80 to HTTP_TOOL_ALLOW/,
        ),
      }),
      [],
    ]);
  });

  it('refuses a name as soon as one of its addresses is private', async () => {
    const mixed = guardedLookup({ host: 'x', port: 80 }, ['127.0.0.0/8', '::2/128']);
    const answered = new Promise((done) => mixed('::1', { all: true }, (error) => done(error?.message)));
    expect(await answered).toMatch(/not a public address/);
  });

  it('hands on the checked addresses in the form that was asked for', async () => {
    expect(await resolve(['localhost'], { all: true, family: 4 })).toEqual([
      null,
      [{ address: '127.0.0.1', family: 4 }],
    ]);
    expect(await resolve(['localhost:80'], { family: 4 })).toEqual([null, '127.0.0.1', 4]);
  });

  it('passes on that a name does not exist', async () => {
    const answered = new Promise((done) =>
      guardedLookup({ host: 'x', port: 80 }, [])('no such name', {}, (error) => done(error)),
    );
    expect(await answered).toBeInstanceOf(Error);
  });
});
