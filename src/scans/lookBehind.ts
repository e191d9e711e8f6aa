import { compareSeverity } from '../advice/guide.ts';
import { severityOf } from '../advice/tips.ts';
import type { HostSummary } from '../engine/types.ts';
import type { Evidence } from '../probes/evidence.ts';

/** Open ports of one scan that are looked behind. */
export const MAX_PROBED = 64;
/** The same on a host that accepts everything, where each is likely the same proxy. */
const MAX_PROBED_EVERYTHING = 8;
/** Of all evidence of one scan as it is kept, in characters of JSON. */
export const MAX_EVIDENCE_LENGTH = 256 * 1_024;

/** The open ports worth a look, those first that matter most when nobody expects them. */
export function portsToProbe(open: readonly number[], suspicions: HostSummary['suspicions']): readonly number[] {
  const limit = suspicions.includes('answers-everything') ? MAX_PROBED_EVERYTHING : MAX_PROBED;
  return [...open].sort((a, b) => compareSeverity(severityOf(a), severityOf(b)) || a - b).slice(0, limit);
}

/** In order of port, and small enough to be kept: beyond the limit raw bytes are left out, then everything but that it answered. */
export function boundEvidence(evidence: readonly Evidence[]): readonly Evidence[] {
  let left = MAX_EVIDENCE_LENGTH;
  const fits = (each: Evidence) => {
    const { length } = JSON.stringify(each);
    if (length > left) return false;
    left -= length;
    return true;
  };
  return [...evidence]
    .sort((a, b) => a.port - b.port)
    .map((each) => {
      const { raw: _, ...parsed } = each;
      if (fits(each)) return each;
      return fits(parsed) ? parsed : { port: each.port, seen: each.seen, ms: each.ms };
    });
}
