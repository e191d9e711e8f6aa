/** No product needs more. */
const MAX_VERSION_LENGTH = 40;
const MAX_SEPARATORS = 6;

const isDigit = (char: string) => char >= '0' && char <= '9' && char.length === 1;
const isLetter = (char: string) => char.length === 1 && char >= 'a' && char <= 'z';
const SEPARATORS: ReadonlySet<string> = new Set([' ', ':', '=', '"', "'", '/', '_', '-', '(', 'v', 'V']);
/** What may follow a hyphen and still be part of the version: a pre-release or a patch level, not a package revision. */
const SUFFIXES = ['rc', 'beta', 'alpha', 'pre', 'dev', 'snapshot', 'ce', 'ee', 'p'] as const;

/**
 * Reads a version that stands at `from` or after a few separators: digits, dots and letters that belong to it (`9.2p1`,
 * `1.0.2k`), with a pre-release suffix (`4.0.0-rc2`). Undefined where none stands. Reads at most 50 characters; linear.
 */
export function readVersion(text: string, from: number): string | undefined {
  let start = from;
  while (start - from < MAX_SEPARATORS && SEPARATORS.has(text.charAt(start))) start += 1;
  if (!isDigit(text.charAt(start))) return undefined;
  const end = endOfVersion(text, start);
  return text.slice(start, end);
}

function endOfVersion(text: string, start: number): number {
  const limit = Math.min(text.length, start + MAX_VERSION_LENGTH);
  let end = start;
  while (end < limit) {
    const char = text.charAt(end).toLowerCase();
    const next = text.charAt(end + 1).toLowerCase();
    if (isDigit(char) || isLetter(char)) end += 1;
    else if (char === '.' && (isDigit(next) || isLetter(next))) end += 1;
    else if (char === '-' && isSuffix(text, end + 1)) end += 1;
    else break;
  }
  return end;
}

function isSuffix(text: string, from: number): boolean {
  const tail = text.slice(from, from + 10).toLowerCase();
  return SUFFIXES.some((suffix) => tail.startsWith(suffix) && !isLetter(tail.charAt(suffix.length)));
}

/** The leading numbers of a version: `9.2p1` is [9, 2], `v1.30.4+k3s1` is [1, 30, 4]. At most four; empty if none lead. */
export function versionNumbers(version: string): readonly number[] {
  const numbers: number[] = [];
  let digits = '';
  const text = version.startsWith('v') || version.startsWith('V') ? version.slice(1) : version;
  for (const char of `${text.slice(0, MAX_VERSION_LENGTH)}\n`) {
    if (isDigit(char)) {
      digits += char;
      continue;
    }
    if (digits === '' || numbers.length === 4) break;
    numbers.push(Number(digits.slice(0, 9)));
    digits = '';
    if (char !== '.') break;
  }
  return numbers;
}

/** Negative where `a` is the older one; missing parts count as 0. Of versions without numbers nothing is said: 0. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [versionNumbers(a), versionNumbers(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
