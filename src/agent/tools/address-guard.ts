// Which addresses http_request may connect to: public ones, and those an operator allows. It is asked with addresses, after
// DNS and for the very connection that is made, so no name, redirect or second answer of a name server gets around it.
import type { LookupAddress, LookupOptions } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { ToolFailure } from './tool.ts';

/** Reached inside one cloud only, though its number looks public: the host's own service of Azure. */
const HOST_SERVICES = new Set(['168.63.129.16']);

const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/** True for a unicast address of the public internet; false for everything else, also for what is no address. */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  if (address.range() !== 'unicast' || HOST_SERVICES.has(address.toString())) return false;
  return !(address instanceof ipaddr.IPv6) || address.match(GLOBAL_IPV6);
}

export interface Destination {
  /** As in a URL, without brackets. */
  host: string;
  port: number;
}

/** What a URL connects to, in the form in which an operator writes it. */
export function destinationOf(url: URL): Destination {
  return { host: plainHost(url.hostname), port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80) };
}

function plainHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}

/**
 * Whether `address`, to which the destination's name resolved, may be connected to.
 * @param allow the operator's entries: `host`, `host:port` or CIDR
 */
export function mayConnect(destination: Destination, address: string, allow: readonly string[]): boolean {
  return isPublicAddress(address) || allow.some((entry) => matches(entry, destination, address));
}

function matches(entry: string, { host, port }: Destination, address: string): boolean {
  if (entry.includes('/')) return inNetwork(address, entry);
  const allowed = plainHost(entry);
  const withPort = /^(.*):(\d+)$/.exec(allowed);
  // A bare IPv6 address ends in a colon and digits too.
  if (!withPort || ipaddr.isValid(allowed)) return sameHost(allowed, host);
  return Number(withPort[2]) === port && sameHost(plainHost(withPort[1] ?? ''), host);
}

function sameHost(allowed: string, host: string): boolean {
  if (!ipaddr.isValid(allowed) || !ipaddr.isValid(host)) return allowed === host;
  return ipaddr.process(allowed).toString() === ipaddr.process(host).toString();
}

function inNetwork(address: string, cidr: string): boolean {
  if (!ipaddr.isValidCIDR(cidr)) return false;
  const [network, bits] = ipaddr.parseCIDR(cidr);
  const candidate = ipaddr.process(address);
  return candidate.kind() === network.kind() && candidate.match(network, bits);
}

/** Throws ToolFailure for a host that is written as an address which may not be connected to; names wait for DNS. */
export function refuseLiteral(destination: Destination, allow: readonly string[]): void {
  if (!ipaddr.isValid(destination.host)) return;
  if (!mayConnect(destination, destination.host, allow)) throw refusal(destination, destination.host);
}

function refusal({ host, port }: Destination, address: string): ToolFailure {
  const where = host === address ? host : `${host} (${address})`;
  return new ToolFailure(
    `url: ${where} is not a public address; choose a public one, or have the operator add ${host}:${port} to HTTP_TOOL_ALLOW`,
  );
}

/** Resolves a name for a connection and hands on its addresses only when every one of them may be connected to. */
export function guardedLookup(destination: Destination, allow: readonly string[]): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, options).then(
      (addresses) => {
        const refused = addresses.find(({ address }) => !mayConnect(destination, address, allow));
        if (refused) callback(refusal(destination, refused.address), []);
        else if (options.all) callback(null, addresses);
        else callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
      },
      (error: Error) => callback(error, []),
    );
  };
}

function resolve(hostname: string, options: LookupOptions): Promise<LookupAddress[]> {
  return lookup(hostname, { ...options, all: true });
}
