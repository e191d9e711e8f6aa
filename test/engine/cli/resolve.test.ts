import { describe, expect, it } from 'vitest';
import { type Lookup, resolveTargets } from '../../../src/engine/cli/resolve.ts';
import type { Target } from '../../../src/engine/cli/targets.ts';

const KNOWN: Readonly<Record<string, readonly string[]>> = {
  'a.example': ['192.0.2.1', '2001:db8::1'],
  'b.example': ['192.0.2.1'],
};

const lookup: Lookup = async (name) => {
  const addresses = KNOWN[name];
  if (addresses === undefined) throw Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' });
  return addresses.map((address) => ({ address }));
};

async function resolve(targets: readonly Target[], family: 0 | 4 | 6 = 0) {
  const told: string[] = [];
  return { ...(await resolveTargets(targets, family, lookup, (sentence) => told.push(sentence))), told };
}

const named = (name: string): Target => ({ kind: 'name', name });
const literal = (...addresses: string[]): Target => ({ kind: 'addresses', family: 4, addresses });

describe('resolveTargets', () => {
  it('keeps the order, has each address once, and remembers the name', async () => {
    const targets = [literal('192.0.2.9', '192.0.2.8'), named('b.example'), literal('192.0.2.1', '192.0.2.8')];
    const { addresses, names, failed, told } = await resolve(targets);
    expect(addresses).toEqual(['192.0.2.9', '192.0.2.8', '192.0.2.1']);
    expect([...names]).toEqual([['192.0.2.1', 'b.example']]);
    expect([failed, told]).toEqual([[], []]);
  });

  it('takes the first address of a name, and says which others there are', async () => {
    const { addresses, told } = await resolve([named('a.example')]);
    expect(addresses).toEqual(['192.0.2.1']);
    expect(told).toEqual(['a.example has other addresses too, which are not scanned: 2001:db8::1']);
  });

  it('names what does not resolve, and goes on with the rest', async () => {
    const { addresses, failed, told } = await resolve([named('x.invalid'), named('b.example')], 4);
    expect([addresses, failed]).toEqual([['192.0.2.1'], ['x.invalid']]);
    expect(told).toEqual(['x.invalid does not resolve to an IPv4 address (ENOTFOUND).']);
  });

  it('asks nobody about addresses', async () => {
    const nobody: Lookup = () => Promise.reject(new Error('asked'));
    expect((await resolveTargets([literal('192.0.2.1')], 0, nobody, () => {})).addresses).toEqual(['192.0.2.1']);
  });
});
