import type { Evidence } from '../probes/evidence.ts';
import { productsOf } from './findings/index.ts';

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

const SEEN: Readonly<Record<Evidence['seen'], string>> = {
  answered: 'answers, not recognised',
  silent: 'says nothing',
  'closes-at-once': 'accepts and closes at once',
  failed: 'did not accept a second connection',
};

/** What stands behind an open port. May hold foreign text. */
export interface SeenService {
  /** False: only how it behaves is known. */
  readonly isRecognised: boolean;
  /** The product with its version, else the protocol, else how it behaves: at most 60 characters. */
  readonly text: string;
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
  if (facts?.looksLike) return { isRecognised: false, text: cut(`looks like ${facts.looksLike}`) };
  return tls ? recognised('TLS') : { isRecognised: false, text: SEEN[seen] };
}

function recognised(...words: readonly (string | undefined)[]): SeenService {
  return { isRecognised: true, text: cut(words.filter((word) => word !== undefined).join(' ')) };
}

function cut(text: string): string {
  return text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH - 1).toWellFormed()}…`;
}
