import { afterEach, expect, test } from 'vitest';
import { consulProbe } from '../../src/probes/consul.ts';
import { couchdbProbe } from '../../src/probes/couchdb.ts';
import { dockerProbe } from '../../src/probes/docker.ts';
import { elasticsearchProbe } from '../../src/probes/elasticsearch.ts';
import { etcdProbe } from '../../src/probes/etcd.ts';
import { grafanaProbe } from '../../src/probes/grafana.ts';
import { influxdbProbe } from '../../src/probes/influxdb.ts';
import { jenkinsProbe } from '../../src/probes/jenkins.ts';
import { jupyterProbe } from '../../src/probes/jupyter.ts';
import { kubeletProbe } from '../../src/probes/kubelet.ts';
import { kubernetesProbe } from '../../src/probes/kubernetes.ts';
import { prometheusProbe } from '../../src/probes/prometheus.ts';
import { rabbitmqProbe } from '../../src/probes/rabbitmq.ts';
import { contextFor, type Served, serve } from './serve.ts';

let served: Served | undefined;
afterEach(async () => {
  await served?.close();
  served = undefined;
});

const PROBES = {
  elasticsearch: elasticsearchProbe,
  etcd: etcdProbe,
  docker: dockerProbe,
  kubernetes: kubernetesProbe,
  kubelet: kubeletProbe,
  prometheus: prometheusProbe,
  rabbitmq: rabbitmqProbe,
  couchdb: couchdbProbe,
  influxdb: influxdbProbe,
  consul: consulProbe,
  jupyter: jupyterProbe,
  grafana: grafanaProbe,
  jenkins: jenkinsProbe,
} as const;

type Answer = readonly [status: number, body: unknown, headers?: string];
type Routes = Readonly<Record<string, Answer>>;

/** Answers by path, without the query; 404 elsewhere. JSON unless it is text. */
function serveHttp(routes: Routes): Promise<Served> {
  return serve((socket) => {
    socket.once('data', (chunk) => {
      const path = chunk.toString('latin1').split(' ')[1]?.split('?')[0] ?? '';
      const [status, body, headers = ''] = routes[path] ?? [404, 'Not Found'];
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      socket.end(`HTTP/1.1 ${status} Any\r\n${headers}Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
    });
  });
}

const STATUS = (code: number) => ({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code });
const K8S = { major: '1', minor: '28', gitVersion: 'v1.28.2+k3s1', platform: 'linux/amd64' };
const ETCD = { etcdserver: '3.4.23', etcdcluster: '3.4.0' };
const DOCKER = { Version: '24.0.7', ApiVersion: '1.43', Os: 'linux', KernelVersion: '6.1.0' };
const ELASTIC = { name: 'n', cluster_name: 'logs', version: { number: '8.11.1', build_flavor: 'default' } };
const OPENSEARCH = { ...ELASTIC, version: { number: '2.11.0', distribution: 'opensearch' } };
const PING = 'X-Influxdb-Build: OSS\r\nX-Influxdb-Version: v2.7.1\r\n';
const HEALTH = { commit: 'abc', database: 'ok', version: '10.2.2' };
const DENIED = "Permission denied: token with AccessorID '' lacks permission 'agent:read'";

type Case = readonly [string, keyof typeof PROBES, Routes, open: boolean | undefined, product: string | undefined];

const CASES: readonly Case[] = [
  ['open', 'elasticsearch', { '/': [200, ELASTIC] }, true, 'Elasticsearch 8.11.1'],
  ['OpenSearch', 'elasticsearch', { '/': [200, OPENSEARCH] }, true, 'OpenSearch 2.11.0'],
  ['401', 'elasticsearch', { '/': [401, { error: { type: 'security_exception' } }] }, false, 'Elasticsearch'],
  [
    '401',
    'elasticsearch',
    { '/': [401, '', 'WWW-Authenticate: Basic realm="OpenSearch Security"\r\n'] },
    false,
    'OpenSearch',
  ],
  ['another 401', 'elasticsearch', { '/': [401, 'Unauthorized'] }, undefined, undefined],
  ['depth', 'elasticsearch', { '/': [200, '['.repeat(10_000)] }, undefined, undefined],
  ['open', 'etcd', { '/version': [200, ETCD], '/v3/kv/range': [200, { header: {}, count: '7' }] }, true, 'etcd 3.4.23'],
  ['empty', 'etcd', { '/version': [200, ETCD], '/v3/kv/range': [200, { header: {} }] }, true, 'etcd 3.4.23'],
  [
    'users',
    'etcd',
    { '/version': [200, ETCD], '/v3/kv/range': [400, { error: 'etcdserver: user name is empty', code: 3 }] },
    false,
    'etcd 3.4.23',
  ],
  ['no gateway', 'etcd', { '/version': [200, ETCD] }, undefined, 'etcd 3.4.23'],
  ['open', 'docker', { '/version': [200, DOCKER, 'Server: Docker/24.0.7 (linux)\r\n'] }, true, 'Docker 24.0.7'],
  [
    'Podman',
    'docker',
    { '/version': [200, { ...DOCKER, Version: '4.3.1', Components: [{ Name: 'Podman Engine' }] }] },
    true,
    'Podman 4.3.1',
  ],
  ['403', 'docker', { '/version': [403, {}, 'Server: Docker/24.0.7 (linux)\r\n'] }, false, 'Docker 24.0.7'],
  ['Kubernetes is not', 'docker', { '/version': [200, K8S] }, undefined, undefined],
  [
    '403',
    'kubernetes',
    { '/version': [200, K8S], '/api/v1/namespaces': [403, STATUS(403)] },
    false,
    'Kubernetes 1.28.2+k3s1',
  ],
  [
    '401',
    'kubernetes',
    { '/version': [401, STATUS(401)], '/api/v1/namespaces': [401, STATUS(401)] },
    false,
    'Kubernetes',
  ],
  [
    'open',
    'kubernetes',
    { '/version': [200, K8S], '/api/v1/namespaces': [200, { kind: 'NamespaceList', items: [] }] },
    true,
    'Kubernetes 1.28.2+k3s1',
  ],
  ['Docker is not', 'kubernetes', { '/version': [200, DOCKER] }, undefined, undefined],
  ['open', 'kubelet', { '/pods': [200, { kind: 'PodList', apiVersion: 'v1', items: [{}, {}] }] }, true, 'kubelet'],
  [
    '403',
    'kubelet',
    { '/pods': [403, 'Forbidden (user=system:anonymous, verb=get, resource=nodes, subresource=proxy)'] },
    false,
    'kubelet',
  ],
  ['401 elsewhere', 'kubelet', { '/pods': [401, 'Unauthorized'] }, undefined, undefined],
  [
    'too many pods',
    'kubelet',
    { '/pods': [200, `{"kind":"PodList","items":["${'x'.repeat(100_000)}"]}`] },
    true,
    'kubelet',
  ],
  [
    'open',
    'prometheus',
    { '/api/v1/status/buildinfo': [200, { status: 'success', data: { version: '2.45.0', revision: 'a' } }] },
    true,
    'Prometheus 2.45.0',
  ],
  ['old', 'prometheus', { '/-/healthy': [200, 'Prometheus is Healthy.\n'] }, true, 'Prometheus'],
  [
    'guarded',
    'prometheus',
    { '/api/v1/status/buildinfo': [401, ''], '/-/healthy': [200, 'Prometheus Server is Healthy.\n'] },
    false,
    'Prometheus',
  ],
  ['another', 'prometheus', {}, undefined, undefined],
  [
    '401',
    'rabbitmq',
    { '/api/overview': [401, { error: 'not_authorized', reason: 'Login failed' }] },
    false,
    'RabbitMQ',
  ],
  [
    '401',
    'rabbitmq',
    { '/api/overview': [401, '', 'www-authenticate: Basic realm="RabbitMQ Management"\r\n'] },
    false,
    'RabbitMQ',
  ],
  [
    'open',
    'rabbitmq',
    { '/api/overview': [200, { rabbitmq_version: '3.12.1', management_version: '3.12.1' }] },
    true,
    'RabbitMQ 3.12.1',
  ],
  [
    'open',
    'couchdb',
    { '/': [200, { couchdb: 'Welcome', version: '2.3.1' }], '/_all_dbs': [200, ['_users']] },
    true,
    'CouchDB 2.3.1',
  ],
  [
    '401',
    'couchdb',
    { '/': [200, { couchdb: 'Welcome', version: '3.3.2' }], '/_all_dbs': [401, { error: 'unauthorized' }] },
    false,
    'CouchDB 3.3.2',
  ],
  [
    '401 at once',
    'couchdb',
    { '/': [401, '', 'Server: CouchDB/3.3.2 (Erlang OTP/24)\r\n'], '/_all_dbs': [401, ''] },
    false,
    'CouchDB 3.3.2',
  ],
  [
    'open',
    'influxdb',
    { '/ping': [204, '', PING], '/query': [200, { results: [{ statement_id: 0 }] }] },
    true,
    'InfluxDB 2.7.1',
  ],
  ['401', 'influxdb', { '/ping': [204, '', PING], '/query': [401, { code: 'unauthorized' }] }, false, 'InfluxDB 2.7.1'],
  ['another', 'influxdb', { '/ping': [200, 'pong'] }, undefined, undefined],
  [
    'open',
    'consul',
    { '/v1/agent/self': [200, { Config: { Version: '1.15.2', Datacenter: 'dc1', Server: true } }] },
    true,
    'Consul 1.15.2',
  ],
  ['403', 'consul', { '/v1/agent/self': [403, DENIED] }, false, 'Consul'],
  ['another 403', 'consul', { '/v1/agent/self': [403, 'Forbidden'] }, undefined, undefined],
  [
    'token',
    'jupyter',
    { '/api': [200, { version: '2.7.0' }], '/api/kernels': [403, { message: 'Forbidden', reason: null }] },
    false,
    'Jupyter 2.7.0',
  ],
  ['open', 'jupyter', { '/api': [200, { version: '2.7.0' }], '/api/kernels': [200, []] }, true, 'Jupyter 2.7.0'],
  ['a version alone', 'jupyter', { '/api': [200, { version: '2.7.0' }] }, undefined, undefined],
  [
    'login',
    'grafana',
    { '/api/health': [200, HEALTH], '/api/org': [401, { message: 'Unauthorized' }] },
    false,
    'Grafana 10.2.2',
  ],
  [
    'anonymous',
    'grafana',
    { '/api/health': [200, HEALTH], '/api/org': [200, { id: 1, name: 'Main Org.' }] },
    true,
    'Grafana 10.2.2',
  ],
  ['login', 'jenkins', { '/': [403, '<html>', 'X-Jenkins: 2.426.1\r\n'] }, false, 'Jenkins 2.426.1'],
  ['open', 'jenkins', { '/': [200, '<html>', 'X-Jenkins: 2.426.1\r\n'] }, true, 'Jenkins 2.426.1'],
  ['another', 'jenkins', { '/': [200, '<html>'] }, undefined, undefined],
];

test.each(CASES)('%s: %s', async (_, name, routes, open, product) => {
  served = await serveHttp(routes);
  const facts = await PROBES[name].run(contextFor(served.port));
  if (product === undefined) return expect(facts).toBeUndefined();
  const said = [facts?.product?.name, facts?.product?.version].filter((part) => part !== undefined).join(' ');
  expect({ protocol: facts?.protocol, open: facts?.openToStrangers, said }).toEqual({
    protocol: name,
    open,
    said: product,
  });
  expect(facts?.tls).toBe(false);
});

test('etcd is asked how many keys there are, and for none of their names', async () => {
  served = await serveHttp({ '/version': [200, ETCD], '/v3/kv/range': [200, { header: {}, count: '7' }] });
  expect(await etcdProbe.run(contextFor(served.port))).toMatchObject({ keys: 7, rangeStatus: 200 });
  expect(served.heard()[1]).toContain('"count_only":true');
});

test('a follow-up that fails takes nothing from what is known', async () => {
  served = await serve((socket, index) => {
    socket.once('data', () => {
      if (index > 0) return socket.resetAndDestroy();
      const body = JSON.stringify(HEALTH);
      socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    });
  });
  const facts = await grafanaProbe.run(contextFor(served.port));
  expect(facts).toMatchObject({ protocol: 'grafana', database: 'ok' });
  expect(facts?.openToStrangers).toBeUndefined();
});
