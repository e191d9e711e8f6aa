import { z } from 'zod';
import { BANNER_FACTS } from './banner.ts';
import { CONSUL_FACTS, consulProbe } from './consul.ts';
import { COUCHDB_FACTS, couchdbProbe } from './couchdb.ts';
import { DNS_FACTS, dnsProbe } from './dns.ts';
import { DOCKER_FACTS, dockerProbe } from './docker.ts';
import { ELASTICSEARCH_FACTS, elasticsearchProbe } from './elasticsearch.ts';
import { ETCD_FACTS, etcdProbe } from './etcd.ts';
import { FTP_FACTS, ftpProbe } from './ftp.ts';
import { GRAFANA_FACTS, grafanaProbe } from './grafana.ts';
import { HTTP_FACTS, httpProbe } from './http.ts';
import { IMAP_FACTS, imapProbe } from './imap.ts';
import { INFLUXDB_FACTS, influxdbProbe } from './influxdb.ts';
import { JENKINS_FACTS, jenkinsProbe } from './jenkins.ts';
import { JUPYTER_FACTS, jupyterProbe } from './jupyter.ts';
import { KUBELET_FACTS, kubeletProbe } from './kubelet.ts';
import { KUBERNETES_FACTS, kubernetesProbe } from './kubernetes.ts';
import { MEMCACHED_FACTS, memcachedProbe } from './memcached.ts';
import { MONGODB_FACTS, mongodbProbe } from './mongodb.ts';
import { MQTT_FACTS, mqttProbe } from './mqtt.ts';
import { MYSQL_FACTS, mysqlProbe } from './mysql.ts';
import { POP3_FACTS, pop3Probe } from './pop3.ts';
import { POSTGRESQL_FACTS, postgresqlProbe } from './postgresql.ts';
import type { Probe, ProbeContext } from './probe.ts';
import { PROMETHEUS_FACTS, prometheusProbe } from './prometheus.ts';
import { RABBITMQ_FACTS, rabbitmqProbe } from './rabbitmq.ts';
import { REDIS_FACTS, redisProbe } from './redis.ts';
import { SMTP_FACTS, smtpProbe } from './smtp.ts';
import { SSH_FACTS, sshProbe } from './ssh.ts';
import { TELNET_FACTS, telnetProbe } from './telnet.ts';
import type { StartTlsProtocol } from './tls/startTls.ts';
import { inspectTls, type TlsFacts } from './tls.ts';
import { VNC_FACTS, vncProbe } from './vnc.ts';
import { X11_FACTS, x11Probe } from './x11.ts';
import { ZOOKEEPER_FACTS, zookeeperProbe } from './zookeeper.ts';

/** What can be known of a service: one shape for each protocol. A new probe adds its facts here and itself to {@link PROBES}. */
export const FACTS = z.discriminatedUnion('protocol', [
  SSH_FACTS,
  FTP_FACTS,
  SMTP_FACTS,
  POP3_FACTS,
  IMAP_FACTS,
  TELNET_FACTS,
  MYSQL_FACTS,
  DNS_FACTS,
  REDIS_FACTS,
  MEMCACHED_FACTS,
  MONGODB_FACTS,
  POSTGRESQL_FACTS,
  ZOOKEEPER_FACTS,
  MQTT_FACTS,
  VNC_FACTS,
  X11_FACTS,
  ELASTICSEARCH_FACTS,
  COUCHDB_FACTS,
  INFLUXDB_FACTS,
  ETCD_FACTS,
  CONSUL_FACTS,
  DOCKER_FACTS,
  KUBERNETES_FACTS,
  KUBELET_FACTS,
  RABBITMQ_FACTS,
  PROMETHEUS_FACTS,
  GRAFANA_FACTS,
  JENKINS_FACTS,
  JUPYTER_FACTS,
  HTTP_FACTS,
  BANNER_FACTS,
]);

export type Facts = z.infer<typeof FACTS>;

/** Protocols of their own: nothing on their ports is a web page. */
export const WIRE_PROBES: readonly Probe<Facts>[] = [
  sshProbe,
  ftpProbe,
  smtpProbe,
  pop3Probe,
  imapProbe,
  telnetProbe,
  mysqlProbe,
  dnsProbe,
  redisProbe,
  memcachedProbe,
  mongodbProbe,
  postgresqlProbe,
  zookeeperProbe,
  mqttProbe,
  vncProbe,
  x11Probe,
];

/** Every probe. Where several list a port, the first of them is asked first: special services before plain HTTP. */
export const PROBES: readonly Probe<Facts>[] = [
  ...WIRE_PROBES,
  elasticsearchProbe,
  couchdbProbe,
  influxdbProbe,
  etcdProbe,
  consulProbe,
  dockerProbe,
  kubernetesProbe,
  kubeletProbe,
  rabbitmqProbe,
  prometheusProbe,
  grafanaProbe,
  jenkinsProbe,
  jupyterProbe,
  httpProbe,
];

/** Protocols whose server speaks first: on their ports it is listened to for longer. */
export const SPEAK_FIRST: ReadonlySet<string> = new Set([
  'ftp',
  'smtp',
  'pop3',
  'imap',
  'telnet',
  'mysql',
  'ssh',
  'vnc',
]);

/** Ports where TLS usually begins at once; a ClientHello is sent there before anything else. */
export const IMPLICIT_TLS_PORTS: ReadonlySet<number> = new Set([
  443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 2376, 3269, 4443, 5061, 5671, 5986, 6443, 6514, 6697, 8443,
  8834, 8883, 9443, 10_250, 10_443, 15_671,
]);

/** Protocols of {@link FACTS} that can change to TLS in a way that is known here. */
const STARTTLS: ReadonlyMap<string, StartTlsProtocol> = new Map([
  ['smtp', 'smtp'],
  ['imap', 'imap'],
  ['pop3', 'pop3'],
  ['ftp', 'ftp'],
  ['postgresql', 'postgres'],
]);

/** The TLS of a port: at once, or after what `startTls` (a protocol of {@link FACTS}) needs. Rejects with LinkError. */
export async function inspectPort(context: ProbeContext, startTls: string | undefined): Promise<TlsFacts | undefined> {
  const starttls = startTls === undefined ? undefined : STARTTLS.get(startTls);
  if (startTls !== undefined && !starttls) return undefined;
  return inspectTls(context.open, context.target, { nowMs: context.nowMs, starttls });
}
