import { SERVICES } from './services/index.ts';
import { testServices } from './services/looking.ts';

/** Those that say nothing until they are asked in their own language. */
const QUIET = new Set(['etcd', 'Memcached', 'Mosquitto', 'PostgreSQL', 'Prometheus', 'Redis']);

// On ports where nobody expects them.
testServices(
  SERVICES.filter(({ product }) => QUIET.has(product)),
  'free',
);
