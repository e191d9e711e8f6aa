import { type AddressNumber, BITS, type Block, blockHolds, parseLiteral } from '../engine/hosts/address.ts';
import { type Phrase, say } from '../engine/phrase.ts';
import { embeddedIpv4 } from './embedded.ts';
import { METADATA_SERVICES, SPECIAL_IPV4, SPECIAL_IPV6, type SpecialRange } from './specialRanges.ts';

/**
 * `global`: public unicast. `private`: scannable only inside the operator's SCAN_PRIVATE_RANGES. `forbidden`: never.
 */
export type AddressTier = 'global' | 'private' | 'forbidden';

export interface AddressClass {
  readonly tier: AddressTier;
  /** What the range is, in words for a person, with its document. */
  readonly rule: Phrase;
}

const GLOBAL: AddressClass = { tier: 'global', rule: say`public address` };
const NOT_GLOBAL: AddressClass = { tier: 'forbidden', rule: say`outside global unicast (RFC 4291)` };
const GLOBAL_UNICAST_IPV6: Block = { ...parseLiteral('2000::'), prefix: 3 };

type Row = AddressClass & { readonly block: Block };

/** The narrowest range comes first: what is said of a part goes before what is said of the whole. */
function compile(ranges: readonly SpecialRange[]): readonly Row[] {
  const rows = ranges.map(([cidr, tier, rule]) => {
    const [base = '', prefix] = cidr.split('/');
    return { block: { ...parseLiteral(base), prefix: Number(prefix) }, tier, rule };
  });
  return rows.sort((a, b) => b.block.prefix - a.block.prefix);
}

const ROWS: Readonly<Record<4 | 6, readonly Row[]>> = {
  4: compile([...METADATA_SERVICES, ...SPECIAL_IPV4].filter(([cidr]) => !cidr.includes(':'))),
  6: compile([...METADATA_SERVICES, ...SPECIAL_IPV6].filter(([cidr]) => cidr.includes(':'))),
};

const classOf = ({ tier, rule }: AddressClass): AddressClass => ({ tier, rule });
const isSingle = ({ block }: Row) => block.prefix === BITS[block.family];

/**
 * Judges an address literal. Default deny: global unicast (IPv6: 2000::/3), less the special-purpose ranges, less the
 * addresses of cloud metadata services. An IPv6 address that carries an IPv4 address is refused whatever that one is:
 * the rule names it, and what it is. Throws on anything that is not an address literal: callers parse first.
 */
export function classifyAddress(address: string): AddressClass {
  const literal = parseLiteral(address);
  const rows = ROWS[literal.family];
  const single = rows.find((row) => isSingle(row) && blockHolds(row.block, literal));
  if (single) return classOf(single);
  const inner = embeddedIpv4(literal);
  if (inner) {
    const { tier, rule } = classifyAddress(inner.ipv4);
    const { convention, ipv4, document } = inner;
    const carrying =
      tier === 'global' ? say`${convention} of ${ipv4} (${document})` : say`${convention} of ${ipv4}, ${rule}`;
    return { tier: 'forbidden', rule: carrying };
  }
  const hit = rows.find((row) => blockHolds(row.block, literal));
  return hit ? classOf(hit) : classifyUnlisted(literal);
}

function classifyUnlisted(address: AddressNumber): AddressClass {
  return address.family === 4 || blockHolds(GLOBAL_UNICAST_IPV6, address) ? GLOBAL : NOT_GLOBAL;
}

/**
 * The strictest class of any part of a CIDR range. A single special address inside a range (a metadata service) does
 * not taint its neighbours: it is refused when it is scanned.
 *
 * @param base canonical network address, host bits zero
 * @param prefix prefix length in bits
 */
export function classifyRange(base: string, prefix: number): AddressClass {
  const literal = parseLiteral(base);
  const whole: Block = { ...literal, prefix };
  if (prefix === BITS[literal.family]) return classifyAddress(base);
  const rows = ROWS[literal.family].filter((row) => !isSingle(row));
  const around = rows.find(({ block }) => block.prefix <= prefix && blockHolds(block, literal));
  const inside = rows.filter(({ block }) => block.prefix > prefix && blockHolds(whole, block));
  const beyond = prefix < GLOBAL_UNICAST_IPV6.prefix && literal.family === 6 ? NOT_GLOBAL : undefined;
  // From here on all addresses of the range have the same convention.
  const carrying = prefix >= 96 ? embeddedIpv4(literal) : undefined;
  const embedding: AddressClass | undefined = carrying && {
    tier: 'forbidden',
    rule: say`${carrying.convention} (${carrying.document})`,
  };
  const forbidden = [embedding, beyond, ...inside].find((found) => found?.tier === 'forbidden');
  return classOf(forbidden ?? around ?? inside[0] ?? classifyUnlisted(literal));
}
