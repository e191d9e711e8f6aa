import type { NetworkInterfaceInfo } from 'node:os';
import { blockAround, blockHolds, parseLiteral, readLiteral } from '../engine/hosts/address.ts';
import { classifyAddress } from './addressClass.ts';

export const VANTAGES = ['this-host', 'same-network', 'private-network', 'own-public-address'] as const;

/**
 * From where the target was looked at, when that was not from outside. `this-host`: the machine that the bot runs on.
 * `same-network`: a network that this machine is in. `private-network`: some other network that is not on the internet.
 * `own-public-address`: the address under which the internet sees this machine, so that packets turned round in its router.
 */
export type Vantage = (typeof VANTAGES)[number];

export interface OwnNetworks {
  /** As `os.networkInterfaces()` gives them. */
  readonly interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;
  /** Canonical addresses under which the internet sees this machine, beyond those of its interfaces. */
  readonly publicAddresses: readonly string[];
}

/** From where `address` (canonical) is seen from this machine; undefined: from outside, as far as can be told here. */
export function vantageOf(address: string, { interfaces, publicAddresses }: OwnNetworks): Vantage | undefined {
  const target = parseLiteral(address);
  const networks = Object.values(interfaces).flatMap((infos) => (infos ?? []).flatMap(networkOf));
  const isOwn = networks.some(({ own }) => own.family === target.family && own.value === target.value);
  if (isOwn || address === '::1' || address.startsWith('127.')) return 'this-host';
  if (networks.some(({ block }) => blockHolds(block, target))) return 'same-network';
  if (publicAddresses.includes(address)) return 'own-public-address';
  return classifyAddress(address).tier === 'private' ? 'private-network' : undefined;
}

/** The address of an interface and the network around it; nothing for what cannot be read. */
function networkOf({ cidr }: NetworkInterfaceInfo) {
  const [address = '', prefix] = (cidr ?? '').split('/');
  const own = readLiteral(address);
  return own && prefix !== undefined ? [{ own, block: blockAround(own, Number(prefix)) }] : [];
}
