import { type Finding, type FindingSource, productsOf } from '../advice/findings/index.ts';
import type { Severity } from '../advice/guide.ts';
import type { Source } from '../advice/sources.ts';
import { usualService } from '../advice/usualService.ts';
import type { PortState } from '../engine/types.ts';
import { visibleText } from '../safeText.ts';
import type { ScanResult } from '../scans/result.ts';

/** One port of a scan, as every format writes it. Foreign text in it is one visible line. */
export interface PortRow {
  readonly port: number;
  readonly state: PortState;
  readonly reason: string;
  /** What usually has this port. */
  readonly usual: string;
  /** What was seen behind it; of open ports alone. */
  readonly service?: string;
  readonly product?: string;
  readonly version?: string;
  /** Of open ports alone. */
  readonly severity?: Severity;
  readonly tls: boolean;
  readonly findings: readonly Finding[];
}

/** Every port with a verdict, ascending, each with all that was found on it. */
export function rowsOf({ verdicts, open, evidence, findings }: ScanResult): readonly PortRow[] {
  const openByPort = new Map(open.map((each) => [each.port, each]));
  const found = new Map<number, Finding[]>();
  for (const finding of findings) {
    for (const port of finding.ports) found.set(port, [...(found.get(port) ?? []), finding]);
  }
  return verdicts.map(({ port, state, reason }) => {
    const seen = evidence.get(port);
    const service = openByPort.get(port)?.service;
    const [product] = productsOf(seen?.facts);
    const severity = openByPort.get(port)?.severity;
    return {
      port,
      state,
      reason,
      usual: usualService(port).text,
      ...(service && { service: visibleText(service.text.text) }),
      ...(product && { product: visibleText(product.product) }),
      ...(product?.version !== undefined && { version: visibleText(product.version) }),
      ...(severity && { severity }),
      tls: seen?.tls?.spoken ?? false,
      findings: found.get(port) ?? [],
    };
  });
}

/** A finding in English. */
export interface ShownFinding extends Omit<Finding, 'title' | 'seen' | 'source'> {
  readonly title: string;
  readonly seen: string;
  readonly source: Source;
}

/** A finding with its foreign text made visible on one line. */
export function shownFinding({ title, seen, source, ...rest }: Finding): ShownFinding {
  return { ...rest, title: visibleText(title.text), seen: visibleText(seen.text), source: plainSource(source) };
}

/** The same with its title in English. */
export function plainSource({ title, url }: FindingSource): Source {
  return { title: typeof title === 'string' ? title : title.text, url };
}
