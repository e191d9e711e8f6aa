import { say } from '../engine/phrase.ts';
import { type AddressClass, classifyAddress, classifyRange } from './addressClass.ts';
import { type Cidr, cidrContains, type Pattern } from './pattern.ts';
import { operatorOnly, type Refusal } from './refusal.ts';

/** What the operator decided for all servers, from the configuration. */
export interface OperatorPolicy {
  /** Ranges beyond the public internet that servers may allow. */
  readonly privateRanges: readonly Cidr[];
  /** Nobody scans these, whatever a server allows; a name covers itself and all names below it. */
  readonly blocklist: readonly Pattern[];
}

/** Judges one address, whether a person typed it or a name resolved to it. Returns why it must not be scanned. */
export function judgeAddress(address: string, operator: OperatorPolicy): Refusal | undefined {
  const blocked = operator.blocklist.some((pattern) => {
    if (pattern.kind === 'cidr') return cidrContains(pattern, address);
    return pattern.kind === 'address' && pattern.canonical === address;
  });
  if (blocked) return blocklisted(address);
  return judgeClass(
    address,
    classifyAddress(address),
    operator.privateRanges.some((range) => cidrContains(range, address)),
  );
}

/**
 * May this pattern stand on an allowlist at all? Refuses what no scan could ever use, so that a mistake is met when it is
 * made.
 */
export function judgePattern(pattern: Pattern, operator: OperatorPolicy): Refusal | undefined {
  if (pattern.kind === 'address') return judgeAddress(pattern.canonical, operator);
  if (pattern.kind === 'name') return judgeName(pattern, operator);
  if (pattern.kind === 'wildcard') return judgeName({ canonical: pattern.base, display: pattern.display }, operator);
  const covers = (range: Pattern) =>
    range.kind === 'cidr' && range.prefix <= pattern.prefix && cidrContains(range, pattern.base);
  if (operator.blocklist.some(covers)) return blocklisted(pattern.canonical);
  const inside = operator.privateRanges.some(covers);
  return judgeClass(pattern.canonical, classifyRange(pattern.base, pattern.prefix), inside);
}

function judgeClass(what: string, { tier, rule }: AddressClass, insidePrivateRanges: boolean): Refusal | undefined {
  if (tier === 'global' || (tier === 'private' && insidePrivateRanges)) return undefined;
  if (tier === 'private') {
    const message = say`${what} is not on the public internet: ${rule}.`;
    return { code: 'private-address', message, remedy: operatorOnly('SCAN_PRIVATE_RANGES') };
  }
  const message = say`${what} is never scanned: ${rule}.`;
  return { code: 'special-address', message, remedy: say`Nobody can change that.` };
}

/** Bars what the operator's blocklist names, and everything below it. */
export function judgeName(name: { canonical: string; display: string }, operator: OperatorPolicy): Refusal | undefined {
  const blocked = operator.blocklist.some((pattern) => {
    const base = pattern.kind === 'wildcard' ? pattern.base : pattern.canonical;
    if (pattern.kind === 'name' && name.canonical === base) return true;
    return (pattern.kind === 'name' || pattern.kind === 'wildcard') && name.canonical.endsWith(`.${base}`);
  });
  return blocked ? blocklisted(name.display) : undefined;
}

function blocklisted(what: string): Refusal {
  const message = say`${what} is on the operator's blocklist, which no server can override.`;
  return { code: 'blocklisted', message, remedy: operatorOnly('SCAN_BLOCKLIST') };
}
