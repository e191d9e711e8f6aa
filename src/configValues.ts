import { isIP } from 'node:net';
import { z } from 'zod';
import { canonicalAddress, readLiteral } from './engine/hosts/address.ts';
import { classifyRange } from './policy/addressClass.ts';
import { parseLabels } from './policy/hostName.ts';
import { type Cidr, type Pattern, parseCidr, parsePattern } from './policy/pattern.ts';
import { parseDatabaseUrl } from './storage/database.ts';

type Item<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** A list separated by commas or blanks; each bad item is a problem of its own. */
export function list<T>(parse: (item: string) => Item<T>) {
  return z
    .string()
    .default('')
    .transform((text, context) => {
      const items = text
        .split(/[,\s]+/)
        .filter((item) => item !== '')
        .map(parse);
      for (const item of items) if (!item.ok) context.addIssue({ code: 'custom', message: item.problem });
      return items.flatMap((item) => (item.ok ? [item.value] : []));
    });
}

export function wholeNumber(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .refine((n) => n >= min && n <= max, message);
}

export function parsePrivateRange(item: string): Item<Cidr> {
  const cidr = parseCidr(item);
  if (!cidr.ok) return { ok: false, problem: `${cidr.problem.message.text} Try ${cidr.problem.example}` };
  const { tier, rule } = classifyRange(cidr.value.base, cidr.value.prefix);
  if (tier === 'private') return { ok: true, value: cidr.value };
  const why = tier === 'global' ? 'is public and needs no switch' : `can never be scanned: ${rule.text}`;
  return { ok: false, problem: `takes private ranges only; ${item} ${why}` };
}

export function parseBlocked(item: string): Item<Pattern> {
  // A name here may be any part of DNS, also a top-level domain or a public suffix, which no server could allow.
  const name = parseLabels(item.replace(/^\*\./, ''));
  const isName = name.ok && !/(?:^|\.)\d+$/.test(name.value.canonical);
  if (isName && item.startsWith('*.')) {
    const { canonical, display } = name.value;
    return {
      ok: true,
      value: { kind: 'wildcard', base: canonical, canonical: `*.${canonical}`, display: `*.${display}` },
    };
  }
  if (isName) return { ok: true, value: name.value };
  const parsed = item.includes('/') ? parseCidr(item) : parsePattern(item);
  if (parsed.ok) return { ok: true, value: parsed.value };
  return {
    ok: false,
    problem: `takes addresses, CIDR ranges and names: ${parsed.problem.message.text} Try ${parsed.problem.example}`,
  };
}

export function parseDnsServer(item: string): Item<string> {
  const match = /^(?:\[([0-9a-f:.]+)\]|([0-9a-f.]+|[0-9a-f:]+:[0-9a-f:]*))(?::(\d{1,5}))?$/i.exec(item);
  const address = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3] ?? 53);
  if (isIP(item) || (isIP(address) && port >= 1 && port <= 65_535)) return { ok: true, value: item };
  return {
    ok: false,
    problem: `takes addresses with an optional port, such as 9.9.9.9 or [2620:fe::fe]:53; not "${item}"`,
  };
}

export function parseAddress(item: string): Item<string> {
  if (readLiteral(item)) return { ok: true, value: canonicalAddress(item) };
  return { ok: false, problem: `takes addresses such as 203.0.113.7 or 2001:db8::7; not "${item}"` };
}

export function checkDatabaseUrl(url: string, context: z.RefinementCtx) {
  const parsed = parseDatabaseUrl(url);
  if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.problem.replace(/\.$/, '') });
}

/** Ranges of any width and kind: who may tell the bot where a visit came from. */
export function parseProxyRange(item: string): Item<string> {
  const cidr = isIP(item) ? undefined : parseCidr(item);
  if (!cidr || cidr.ok) return { ok: true, value: item };
  return {
    ok: false,
    problem: `takes addresses and CIDR ranges: ${cidr.problem.message.text} Try ${cidr.problem.example}`,
  };
}
