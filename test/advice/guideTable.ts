import { type Facing, portRange, type Severity } from '../../src/advice/guide.ts';
import type { SourceKey } from '../../src/advice/sources.ts';

/** What the team's written reference says of a group of ports; the catalogue has to agree. */
export interface Expected {
  readonly ports: readonly number[];
  readonly facing: Facing;
  readonly severity: Severity;
  /** Each has to stand on at least one guide of the ports. */
  readonly sources: readonly SourceKey[];
}

const FACINGS = { y: 'yes', c: 'conditional', n: 'no' } as const;
const SEVERITY = { C: 'critical', H: 'high', M: 'medium', L: 'low', I: 'info' } as const;

function row(
  ports: readonly number[],
  rating: `${keyof typeof FACINGS}${keyof typeof SEVERITY}`,
  ...sources: SourceKey[]
): Expected {
  const face = rating.charAt(0) as keyof typeof FACINGS;
  const severity = rating.charAt(1) as keyof typeof SEVERITY;
  return { ports, facing: FACINGS[face], severity: SEVERITY[severity], sources };
}

export const REMOTE_ADMINISTRATION = [
  row([7, 9, 13, 17, 19], 'nH', 'TA14-017A'),
  row([20, 21], 'cM', 'RFC2577', 'RFC4217', 'NICER', 'BOD23-02'),
  row([22], 'cM', 'MOZ-SSH', 'SSHAUDIT', 'NISTIR7966', 'NSA-NISG'),
  row([2222], 'cM', 'MOZ-SSH'),
  row([23], 'nC', 'BOD23-02', 'NSA-NISG', 'NICER', 'SECNL'),
  row([69], 'nH', 'RFC1350', 'TA14-017A', 'BOD23-02'),
  row([512, 513, 514], 'nC', 'BOD23-02'),
  row([873], 'nH', 'RSYNC', 'NICER'),
  row([902, 903], 'nH', 'VMW', 'CISA-ESXI'),
  row([2323, 5555, 37777], 'nC', 'NICER'),
  row([3389], 'nC', 'CISA-RW', 'CERTAT', 'BOD23-02'),
  row([4786], 'nC', 'CERTAT', 'NSA-NISG'),
  row([5900, 5901, 5902, 5903, 5800], 'nC', 'RFC6143', 'BOD23-02', 'NICER'),
  row([5985, 5986], 'nH', 'MS-WINRM'),
  row(portRange(6000, 6063), 'nC', 'BOD23-02'),
  row([8291, 8728, 8729], 'nH', 'NSA-NISG'),
  row([10000], 'nH', 'WEBMIN'),
];

export const MAIL = [
  row([25], 'cM', 'RFC3207', 'RFC8314', 'NICER'),
  row([110], 'nM', 'RFC8314'),
  row([143], 'nM', 'RFC8314'),
  row([465], 'yL', 'RFC8314', 'MOZ-TLS'),
  row([587], 'yL', 'RFC6409', 'RFC8314'),
  row([993, 995], 'yL', 'RFC8314', 'MOZ-TLS'),
];

export const INFRASTRUCTURE = [
  row([53], 'cM', 'RFC5358', 'TA14-017A', 'NCSCIE'),
  row([67, 68], 'nL'),
  row([88], 'nH', 'CERTAT', 'MS-AD'),
  row([111], 'nH', 'TA14-017A', 'NICER', 'NREC'),
  row([113], 'nL', 'RFC1413'),
  row([123], 'cM', 'RFC8633', 'TA14-017A'),
  row([135], 'nH', 'CISA-RW', 'CERTAT'),
  row([137, 138, 139], 'nH', 'TA14-017A', 'MS-SMB'),
  row([161, 162], 'nH', 'TA17-156A', 'RFC3414', 'NSA-NISG'),
  row([179], 'cM', 'RFC7454'),
  row([389], 'nH', 'MS-LDAP', 'TA14-017A'),
  row([636], 'cH', 'MS-LDAP'),
  row([3268, 3269], 'nH', 'MS-LDAP'),
  row([427], 'nH', 'CISA-ESXI'),
  row([500, 4500], 'yL', 'RFC7296', 'RFC8247', 'NSA-IPSEC'),
  row([6514], 'nM', 'RFC5425'),
  row([515], 'nM', 'NICER'),
  row([520], 'nM', 'TA14-017A'),
  row([593], 'nH', 'CISA-RW'),
  row([623, 5120, 5121, 5122, 5123], 'nC', 'TA13-207A', 'CISCO-IPMI', 'BOD23-02'),
  row([631], 'nH', 'CUPS'),
  row([1080], 'nH', 'NICER'),
  row([1194, 51820], 'yI'),
  row([1723], 'nH', 'MS-PPTP'),
  row([1900, 5353], 'nH', 'TA14-017A'),
  row([3128, 8118, 8123], 'nH', 'SQUID', 'NREC'),
  row([5060, 5061], 'cM', 'RFC3261'),
  row([554, 8554], 'nH', 'NICER'),
];

export const FILES_AND_STORAGE = [
  row([445], 'nC', 'MS-SMB', 'CISA-RW', 'CERTAT'),
  row([548], 'nM'),
  row([2049, 20048], 'nH', 'NREC', 'NFS'),
  row([3260], 'nC', 'RFC7143'),
  row([3690, 9418], 'nM'),
];

export const WEB_AND_DEVELOPMENT = [
  row([80], 'yL', 'MOZ-TLS', 'RFC6797'),
  row([443], 'yI', 'MOZ-TLS', 'RFC9325', 'RFC8996'),
  row([81, 8000, 8008, 8081], 'cM', 'NICER'),
  // Stricter than its neighbours: an open YARN runs the jobs of strangers.
  row([8088], 'nH', 'NICER', 'HADOOP'),
  // 2084 and 2085 lie in the range but are not used by cPanel.
  row([2082, 2083, 2086, 2087, 2095, 2096], 'cM'),
  row([3000], 'cM', 'GRAFANA'),
  row([4200, 5173], 'nH', 'NODE'),
  row([9229], 'nC', 'NODE'),
  row([4444], 'nH', 'SELENIUM'),
  row([5000], 'nH', 'DOCKER-REG'),
  row([5601], 'nH', 'ELASTIC'),
  row([7001, 7002], 'nC', 'WEBLOGIC'),
  row([8009], 'nH', 'TOMCAT'),
  row([8080], 'cM', 'TOMCAT', 'JENKINS'),
  row([8443], 'cM', 'BOD23-02'),
  row([8888], 'nC', 'JUPYTER'),
  row([9000], 'nH', 'PORTAINER'),
  row([9090], 'nH', 'PROM'),
  row([9091, 9115], 'nM', 'PROM'),
  // Kafka uses 9093 too, and printers 9100: the worse of the two counts.
  row([9093, 9100], 'nH', 'PROM', 'NICER'),
  row([8086], 'nH', 'INFLUX'),
  row([8200], 'nH', 'VAULT'),
  row([8500, 8600], 'nH', 'CONSUL'),
  row([50000], 'nH', 'JENKINS'),
  row([50070, 9870, 50075, 8020], 'nC', 'HADOOP'),
  row([25565], 'cL', 'MINECRAFT'),
  row([25575], 'nH', 'MINECRAFT'),
];

export const DATA = [
  row([1433, 1434], 'nC', 'MS-SQL', 'NICER'),
  row([1521, 2483, 2484], 'nH', 'ORACLE'),
  row([1883], 'nH', 'MOSQ'),
  row([8883], 'cL', 'MOSQ'),
  row([2181, 2888, 3888], 'nH', 'ZK'),
  row([3306, 33060], 'nH', 'MYSQL', 'NICER', 'NREC'),
  row([4369, 25672], 'nC', 'RABBIT', 'COUCH'),
  // Usually backup daemons and exporters; Erlang only where its port range was fixed to these.
  row([9101, 9102, 9103, 9105], 'nH', 'COUCH'),
  row([9104], 'nM'),
  row([4222, 6222, 8222], 'nH', 'NATS'),
  row([5432, 6432], 'nH', 'PG'),
  row([5671], 'cM', 'RABBIT'),
  row([5672, 15672], 'nH', 'RABBIT'),
  row([5984, 6984], 'nC', 'COUCH'),
  row([6379, 6380, 16379, 26379], 'nC', 'REDIS'),
  row([7199, 9042, 7000], 'nH', 'CASS'),
  row([8123, 9000, 9440], 'nH', 'CH'),
  row([9092, 9093, 9094], 'nH', 'KAFKA'),
  row([9200, 9300], 'nC', 'ELASTIC', 'NICER'),
  row([11211], 'nC', 'MEMC', 'UKGOV-11211', 'TA14-017A'),
  row([27017, 27018, 27019, 28017], 'nC', 'MONGO'),
  row([7474, 7687], 'nH'),
];

export const CONTAINERS = [
  row([2375], 'nC', 'DOCKER'),
  row([2376], 'cH', 'DOCKER'),
  row([2377, 7946, 4789], 'nH', 'DOCKER'),
  row([2379, 2380], 'nC', 'ETCD', 'K8S-PORTS'),
  row([5000, 5001], 'nH', 'DOCKER-REG'),
  row([6443], 'cM', 'K8S-PORTS', 'K8S-SEC', 'NSA-K8S'),
  row([8001], 'nC', 'K8S-SEC'),
  row([10250], 'nC', 'K8S-KUBELET', 'NSA-K8S'),
  row([10255], 'nH', 'K8S-KUBELET'),
  row([10256, 10257, 10259], 'nM', 'K8S-PORTS'),
  row(portRange(30000, 32767), 'cM', 'K8S-PORTS'),
];
