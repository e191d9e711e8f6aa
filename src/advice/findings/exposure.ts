import { type Phrase, say } from '../../engine/phrase.ts';
import { patchesOldVersions, type Recognised } from '../../probes/products/index.ts';
import { type EndOfLife, endOfLifeOf } from '../endOfLife.ts';
import type { FindingKind, Hit, PortView, Rule } from './finding.ts';

const ANSWERS_EVERYTHING: FindingKind = {
  id: 'answers-everything',
  severity: 'info',
  title: 'This host accepts on every port',
  why: 'A proxy, a content network, a tarpit or a honeypot accepts on behalf of the host: open ports mean nothing here.',
  actions: [
    'Check whether a proxy or a DDoS protection stands in front of this address.',
    'Choose the address of the real host, and scan that.',
  ],
  source: 'RFC9293',
  merged: true,
};

const CLOSES_AT_ONCE: FindingKind = {
  id: 'closes-at-once',
  severity: 'info',
  title: 'Accepts and closes at once',
  why: 'A wrapper or proxy answers without a service behind it, or it serves only some sources. What runs there is unknown.',
  actions: ['Find the process with `ss -ltnp`, and its access rules.', 'Close the port if nobody needs it from here.'],
  source: 'RFC9293',
  merged: true,
};

const END_OF_LIFE: FindingKind = {
  id: 'end-of-life',
  severity: 'medium',
  title: 'The software is end of life',
  why: 'Nobody fixes new flaws in this version any more.',
  actions: [
    'Update to a version that is still maintained.',
    'Limit the port to named sources until then.',
    'Check for paid extended support if you cannot update yet.',
  ],
  source: 'EOL',
};

const OLD_BUT_PATCHED: FindingKind = {
  id: 'end-of-life-packaged',
  severity: 'low',
  title: 'An old version that the distribution may still fix',
  why: 'Distributions fix flaws in old versions without changing the number: the version alone does not prove a vulnerability.',
  actions: [
    'Check that security updates of the distribution are installed (`apt list --upgradable`, `dnf check-update`).',
    'Update the distribution before its own support ends.',
  ],
  source: 'EOL',
};

const SYSTEM_END_OF_LIFE: FindingKind = {
  id: 'system-end-of-life',
  severity: 'high',
  title: 'The operating system is end of life',
  why: 'No package on this host gets security fixes any more, whatever its version, unless extended support is paid for.',
  actions: [
    'Update the system to a release that is still maintained.',
    'Check whether extended support covers this host until then.',
  ],
  source: 'EOL',
};

const named = ({ product, version }: { product: string; version?: string }) =>
  version === undefined ? product : `${product} ${version}`;

function endText({ endedOn, atTheLatest }: EndOfLife): Phrase {
  const day = endedOn ?? say`an unknown day`;
  return atTheLatest ? say`Support ended no later than ${day}.` : say`Support ended on ${day}.`;
}

const sourceOf = (title: string, { source }: EndOfLife) => ({ title: say`Release cycles of ${title}`, url: source });

/** The product whose end is told: the first that has ended. */
function ended(view: PortView): { product: Recognised; end: EndOfLife } | undefined {
  for (const product of view.products) {
    const { version } = product;
    const end = version === undefined ? undefined : endOfLifeOf(product.product, version, view.context.nowMs);
    if (end?.ended) return { product, end };
  }
  return undefined;
}

/** How long the system's release is maintained, where banners name one that is known. */
function systemLife(view: PortView): { name: string; end: EndOfLife } | undefined {
  const os = view.products.find((product) => product.os?.version !== undefined)?.os;
  const end = os?.version === undefined ? undefined : endOfLifeOf(os.name, os.version, view.context.nowMs);
  return os && end && { name: `${os.name} ${os.version}`, end };
}

function productEndOfLife(view: PortView): Hit | undefined {
  const found = ended(view);
  if (!found) return undefined;
  const { product, end } = found;
  // The system of the web server in front says nothing of who packaged the application behind.
  const os = product.os ?? (product.kind === 'application' ? undefined : view.products.find((other) => other.os)?.os);
  const source = sourceOf(end.product, end);
  if (os && patchesOldVersions(os)) {
    // A release in support patches it. One out of support does not; that is said once, of the system.
    if (systemLife(view)) return undefined;
    const seen = say`${named(product)}, packaged by ${os.name}, which may still fix it. ${endText(end)}`;
    return { kind: OLD_BUT_PATCHED, title: say`${named(product)} is old; ${os.name} may still fix it`, seen, source };
  }
  const seen = say`It says ${named(product)}. ${endText(end)} A distribution may still patch it: the number alone is no proof.`;
  return { kind: END_OF_LIFE, title: say`${named(product)} is end of life`, seen, source };
}

export const EXPOSURE_KINDS = [ANSWERS_EVERYTHING, CLOSES_AT_ONCE, END_OF_LIFE, OLD_BUT_PATCHED, SYSTEM_END_OF_LIFE];

export const EXPOSURE_RULES: readonly Rule[] = [
  ({ context }) =>
    context.answersEverything === true
      ? { kind: ANSWERS_EVERYTHING, seen: say`Ports that nothing uses accepted too.` }
      : undefined,
  ({ evidence }) =>
    evidence.seen === 'closes-at-once'
      ? { kind: CLOSES_AT_ONCE, seen: say`Accepts and closes at once: a wrapper or proxy without a service behind.` }
      : undefined,
  productEndOfLife,
  (view) => {
    const system = systemLife(view);
    if (!system?.end.ended) return undefined;
    return {
      kind: SYSTEM_END_OF_LIFE,
      title: say`${system.name} is end of life`,
      seen: say`A banner names ${system.name}. ${endText(system.end)}`,
      source: sourceOf(system.end.product, system.end),
    };
  },
];
