import type { Evidence } from '../../probes/evidence.ts';
import { type Recognised, recogniseAll, type Sighting } from '../../probes/products/index.ts';

type Facts = NonNullable<Evidence['facts']>;

/** What a service wrote about itself, in the form that fingerprints are matched against. */
function sightingOf(facts: Facts): Sighting | undefined {
  const { protocol } = facts;
  switch (facts.protocol) {
    case 'ssh':
      return { protocol, text: facts.identification };
    case 'ftp':
      return { protocol, text: facts.banner, features: facts.features?.join(' ') };
    case 'smtp':
    case 'pop3':
    case 'imap':
      return { protocol, text: facts.banner };
    case 'telnet':
      return { protocol, text: facts.text };
    case 'mysql':
      return { protocol, text: facts.version };
    case 'vnc':
      return { protocol, text: rfbText(facts.version) };
    case 'dns':
      return { protocol, text: facts.version };
    case 'redis':
      // A refusal tells the product, too.
      return { protocol, text: facts.message && `-${facts.message}` };
    case 'memcached':
      return { protocol, text: facts.answer };
    case 'banner':
      return { protocol: facts.looksLike ?? protocol, text: facts.text };
    default:
      return 'server' in facts ? { protocol: 'http', headers: { server: facts.server } } : undefined;
  }
}

/** As the server sent it: `3.8` was `RFB 003.008`. */
function rfbText(version: string): string {
  return `RFB ${version
    .split('.')
    .map((number) => number.padStart(3, '0'))
    .join('.')}`;
}

/** Of a web page, products are recognised when it is seen: its body is not kept. */
function seenOnPage({ products = [] }: Extract<Facts, { protocol: 'http' }>): readonly Recognised[] {
  return products.map(({ product, kind, version, os }) => ({
    product,
    kind,
    ...(version !== undefined && { version }),
    ...(os && { os: { name: os.name, ...(os.version !== undefined && { version: os.version }) } }),
  }));
}

/**
 * The products behind one port: what the protocol itself says first, then what fingerprints recognise in banners, headers,
 * titles and pages; each product once, with its version and system where one is known.
 */
export function productsOf(facts: Facts | undefined): readonly Recognised[] {
  if (facts === undefined) return [];
  if (facts.protocol === 'http') return seenOnPage(facts);
  const sighting = sightingOf(facts);
  const recognised = sighting === undefined ? [] : recogniseAll(sighting);
  const said = 'product' in facts ? facts.product : undefined;
  if (said === undefined) return recognised;
  const same = recognised.find(({ product }) => product.toLowerCase() === said.name.toLowerCase());
  const first: Recognised = {
    kind: 'server',
    ...same,
    product: said.name,
    ...(said.version && { version: said.version }),
  };
  return [first, ...recognised.filter((other) => other !== same)];
}
