import { FLAKY_PORTS, OPEN_PORTS } from './ports.ts';
import type { TruthClass } from './truth.ts';

// What the target's packet filter does, as nft scripts, each with the truth that follows where it needs telling.

const OPEN_SET = `{ ${OPEN_PORTS.join(', ')} }`;

function input(...rules: readonly string[]): string {
  return table(['chain input {', 'type filter hook input priority filter;', 'iif lo accept', ...rules, '}']);
}

function table(lines: readonly string[]): string {
  return `table ip lab {\n${lines.join('\n')}\n}\n`;
}

export const NO_RULES = '';
export const DROP_REST = input(`tcp dport != ${OPEN_SET} drop`);
export const SILENT_RULES = input('drop');
export const UNREACHABLE_RULES = input('reject with icmp host-unreachable');

/** Every sixteenth port of a kind: half closed, five in sixteen dropped, one in sixteen of each way to refuse. */
const MIXED: Readonly<Partial<Record<TruthClass, { readonly residues: readonly number[]; readonly verdict: string }>>> =
  {
    drop: { residues: [1, 3, 6, 11, 14], verdict: 'drop' },
    'icmp-port': { residues: [4], verdict: 'reject with icmp port-unreachable' },
    'rej-rst': { residues: [9], verdict: 'reject with tcp reset' },
    'icmp-admin': { residues: [12], verdict: 'reject with icmp admin-prohibited' },
  };

export const MIXED_RULES = input(
  `tcp dport ${OPEN_SET} accept`,
  ...Object.values(MIXED).flatMap(({ residues, verdict }) =>
    residues.map((residue) => `tcp dport & 15 == ${residue} ${verdict}`),
  ),
);

const MIXED_BY_RESIDUE = Array.from({ length: 16 }, (_, residue): TruthClass => {
  const found = Object.entries(MIXED).find(([, { residues }]) => residues.includes(residue));
  return (found?.[0] as TruthClass | undefined) ?? 'rst';
});

export function mixedTruth(port: number): TruthClass {
  return OPEN_PORTS.includes(port) ? 'open' : (MIXED_BY_RESIDUE[port % 16] ?? 'rst');
}

/** The target's RSTs, as some stacks limit them. */
export const LIMIT_RSTS = table([
  'chain output {',
  'type filter hook output priority filter;',
  'tcp flags & rst == rst limit rate over 200/second burst 50 packets drop',
  '}',
]);

export const FLAKY_RULES = input(
  `tcp dport { ${FLAKY_PORTS.join(', ')} } tcp flags & (syn | ack) == syn numgen random mod 2 == 0 drop`,
);

/** Linux's own SYN proxy: SYNs pass by the connection tracking, the handshake is finished before anything else hears. */
export const SYN_PROXY = table([
  'chain early {',
  'type filter hook prerouting priority raw;',
  'tcp flags & (fin | syn | rst | ack) == syn notrack',
  '}',
  'chain input {',
  'type filter hook input priority filter;',
  'iif lo accept',
  'ct state invalid,untracked synproxy mss 1460 wscale 7 timestamp sack-perm',
  'ct state invalid drop',
  '}',
]);

/** One ICMP error a second and no burst: stricter than Linux's own limit, which lets six through at first. */
export const LIMIT_ICMP = table([
  'chain output {',
  'type filter hook output priority filter;',
  'icmp type destination-unreachable limit rate over 1/second burst 1 packets drop',
  '}',
]);
