import { type Phrase, say } from '../engine/phrase.ts';
import type { Evidence } from '../probes/evidence.ts';
import { productsOf } from './findings/index.ts';
import { cut } from './findings/text.ts';

const MAX_LENGTH = 60;

/** As people write them; others as they stand. */
const PROTOCOL_NAMES: ReadonlyMap<string, string> = new Map([
  ['couchdb', 'CouchDB'],
  ['influxdb', 'InfluxDB'],
  ['mongodb', 'MongoDB'],
  ['mysql', 'MySQL'],
  ['postgresql', 'PostgreSQL'],
  ['rabbitmq', 'RabbitMQ management'],
  ['zookeeper', 'ZooKeeper'],
  ['elasticsearch', 'Elasticsearch'],
  ['kubernetes', 'Kubernetes API'],
  ['kubelet', 'kubelet'],
  ['docker', 'Docker API'],
  ['consul', 'Consul'],
  ['grafana', 'Grafana'],
  ['jenkins', 'Jenkins'],
  ['jupyter', 'Jupyter'],
  ['prometheus', 'Prometheus'],
  ['redis', 'Redis'],
  ['memcached', 'Memcached'],
  ['telnet', 'Telnet'],
  ['etcd', 'etcd'],
]);

const SEEN: Readonly<Record<Evidence['seen'], Phrase>> = {
  answered: say`answers, not recognised`,
  silent: say`says nothing`,
  'closes-at-once': say`accepts and closes at once`,
  failed: say`did not accept a second connection`,
};

const LOOKS_LIKE = 'looks like ';

/** What stands behind an open port. May hold foreign text. */
export interface SeenService {
  /** False: only how it behaves is known. */
  readonly isRecognised: boolean;
  /** The product with its version, else the protocol, else how it behaves: at most 60 characters. */
  readonly text: Phrase;
}

/** What stands behind an open port, in a few words. */
export function describeService({ seen, facts, tls }: Evidence): SeenService {
  const [first] = productsOf(facts);
  const encrypted = facts !== undefined && 'tls' in facts && facts.tls ? '(TLS)' : undefined;
  if (first) return recognised(first.product, first.version, encrypted);
  if (facts?.protocol === 'http') return recognised(encrypted ? 'HTTPS' : 'HTTP');
  if (facts && facts.protocol !== 'banner') {
    return recognised(PROTOCOL_NAMES.get(facts.protocol) ?? facts.protocol.toUpperCase(), encrypted);
  }
  if (facts?.looksLike) return { isRecognised: false, text: looksLike(facts.looksLike) };
  return tls ? recognised('TLS') : { isRecognised: false, text: SEEN[seen] };
}

function recognised(...words: readonly (string | undefined)[]): SeenService {
  return { isRecognised: true, text: nameOf(words.filter((word) => word !== undefined).join(' ')) };
}

/** What was seen once, from its English words: those of {@link describeService}, as they are kept. */
export function rememberedService(text: string): Phrase {
  if (text.startsWith(LOOKS_LIKE)) return looksLike(text.slice(LOOKS_LIKE.length));
  return Object.values(SEEN).find((words) => words.text === text) ?? say`${text}`;
}

function looksLike(protocol: string): Phrase {
  return say`looks like ${cut(protocol, MAX_LENGTH - LOOKS_LIKE.length)}`;
}

/** The same in every language. */
function nameOf(product: string): Phrase {
  return say`${cut(product, MAX_LENGTH)}`;
}
