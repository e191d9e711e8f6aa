import { RFCS } from './rfcs.ts';

/** A document that backs the advice. */
export interface Source {
  readonly title: string;
  /** Always https. */
  readonly url: string;
}

const AGENCIES = {
  'BOD23-02': {
    title: 'CISA, BOD 23-02: Internet-Exposed Management Interfaces',
    url: 'https://www.cisa.gov/news-events/directives/binding-operational-directive-23-02',
  },
  'TA14-017A': {
    title: 'CISA, UDP-Based Amplification Attacks',
    url: 'https://www.cisa.gov/news-events/alerts/2014/01/17/udp-based-amplification-attacks',
  },
  'TA13-207A': {
    title: 'CISA, Risks of Using IPMI',
    url: 'https://www.cisa.gov/news-events/alerts/2013/07/26/risks-using-intelligent-platform-management-interface-ipmi',
  },
  'TA17-156A': {
    title: 'CISA, Reducing the Risk of SNMP Abuse',
    url: 'https://www.cisa.gov/news-events/alerts/2017/06/05/reducing-risk-snmp-abuse',
  },
  'CISA-RW': { title: 'CISA, #StopRansomware Guide', url: 'https://www.cisa.gov/stopransomware/ransomware-guide' },
  'CISA-ESXI': {
    title: 'CISA, ESXiArgs guidance',
    url: 'https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-039a',
  },
  NICER: { title: 'Rapid7, NICER exposure report', url: 'https://www.rapid7.com/research/report/nicer-2020/' },
  CERTAT: {
    title: 'CERT.at, exposed service descriptions',
    url: 'https://cert.at/en/services/data/shadowserver/',
  },
  NCSCIE: {
    title: 'NCSC Ireland, services open to DoS abuse',
    url: 'https://ncsc.gov.ie/emailsfrom/Shadowserver/DoS',
  },
  'UKGOV-11211': {
    title: 'UK Government Security, Open port 11211: Memcached',
    url: 'https://www.security.gov.uk/services-resources/cyber-and-domains-protection/domain-and-vulnerability-knowledge-base/open-port-11211-memcached',
  },
  NREC: { title: 'NREC, blocked ports and why', url: 'https://docs.nrec.no/acl.html' },
  SECNL: { title: 'Security.NL, 800,000 open Telnet hosts', url: 'https://www.security.nl/posting/922135/' },
  'NSA-NISG': {
    title: 'NSA, Network Infrastructure Security Guide',
    url: 'https://media.defense.gov/2022/Jun/15/2003018261/-1/-1/0/CTR_NSA_NETWORK_INFRASTRUCTURE_SECURITY_GUIDE_20220615.PDF',
  },
  'NSA-K8S': {
    title: 'NSA/CISA, Kubernetes Hardening Guide',
    url: 'https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF',
  },
  'NSA-IPSEC': {
    title: 'NSA, Configuring IPsec VPNs',
    url: 'https://media.defense.gov/2020/Jul/02/2002355501/-1/-1/0/CONFIGURING_IPSEC_VIRTUAL_PRIVATE_NETWORKS_2020_07_01_FINAL_RELEASE.PDF',
  },
  NISTIR7966: {
    title: 'NIST IR 7966, Access Management Using SSH',
    url: 'https://csrc.nist.gov/pubs/ir/7966/final',
  },
} as const satisfies Record<string, Source>;

const VENDORS = {
  'CISCO-IPMI': {
    title: 'Cisco, IPMI Security Vulnerabilities',
    url: 'https://www.cisco.com/c/en/us/about/security-center/ipmi-vulnerabilities.html',
  },
  'MOZ-SSH': { title: 'Mozilla, OpenSSH guidelines', url: 'https://infosec.mozilla.org/guidelines/openssh' },
  'MOZ-TLS': { title: 'Mozilla, Server Side TLS', url: 'https://wiki.mozilla.org/Security/Server_Side_TLS' },
  SSHAUDIT: { title: 'ssh-audit hardening guides', url: 'https://www.ssh-audit.com/hardening_guides.html' },
  'MS-SMB': {
    title: 'Microsoft, Secure SMB Traffic in Windows Server',
    url: 'https://learn.microsoft.com/windows-server/storage/file-server/smb-secure-traffic',
  },
  'MS-LDAP': {
    title: 'Microsoft, LDAP signing for AD DS',
    url: 'https://learn.microsoft.com/windows-server/identity/ad-ds/ldap-signing',
  },
  'MS-WINRM': {
    title: 'Microsoft, PowerShell Remoting security with WinRM',
    url: 'https://learn.microsoft.com/powershell/scripting/security/remoting/winrm-security',
  },
  'MS-SQL': {
    title: 'Microsoft, Windows Firewall for SQL Server',
    url: 'https://learn.microsoft.com/sql/sql-server/install/configure-the-windows-firewall-to-allow-sql-server-access',
  },
  'MS-AD': {
    title: 'Microsoft, Best Practices for Securing Active Directory',
    url: 'https://learn.microsoft.com/windows-server/identity/ad-ds/plan/security-best-practices/best-practices-for-securing-active-directory',
  },
  'MS-PPTP': {
    title: 'Microsoft, PPTP and L2TP deprecation',
    url: 'https://techcommunity.microsoft.com/blog/windowsservernewsandbestpractices/pptp-and-l2tp-deprecation-a-new-era-of-secure-connectivity/4263956',
  },
  VMW: { title: 'Broadcom, VMware ports and protocols', url: 'https://ports.broadcom.com/' },
  WEBMIN: { title: 'Webmin', url: 'https://webmin.com/' },
  SQUID: {
    title: 'Squid wiki, Security Pitfalls',
    url: 'https://wiki.squid-cache.org/SquidFaq/SecurityPitfalls',
  },
  CUPS: { title: 'OpenPrinting CUPS', url: 'https://openprinting.github.io/cups' },
  RSYNC: { title: 'rsyncd.conf(5)', url: 'https://download.samba.org/pub/rsync/rsyncd.conf.5' },
  SVN: {
    title: 'svnserve.conf(5)',
    url: 'https://manpages.debian.org/stable/subversion/svnserve.conf.5.en.html',
  },
  NFS: { title: 'exports(5)', url: 'https://man7.org/linux/man-pages/man5/exports.5.html' },
  OPENVPN: {
    title: 'OpenVPN, Hardening OpenVPN Security',
    url: 'https://openvpn.net/community-resources/hardening-openvpn-security/',
  },
  WIREGUARD: { title: 'WireGuard, Protocol and Cryptography', url: 'https://www.wireguard.com/protocol/' },
  PRIVOXY: {
    title: 'Privoxy, The Main Configuration File',
    url: 'https://www.privoxy.org/user-manual/config.html',
  },
  ANGULAR: { title: 'Angular CLI, ng serve', url: 'https://angular.dev/cli/serve' },
  'VITE-SERVER': { title: 'Vite, Server Options', url: 'https://vite.dev/config/server-options.html' },
  GITDAEMON: { title: 'git-daemon(1)', url: 'https://man.archlinux.org/man/git-daemon.1.en' },
  CPANEL: {
    title: 'cPanel, firewall configuration for cPanel services',
    url: 'https://docs.cpanel.net/knowledge-base/general-systems-administration/how-to-configure-your-firewall-for-cpanel-services/',
  },
  GRAFANA: {
    title: 'Grafana, Configure security',
    url: 'https://grafana.com/docs/grafana/latest/setup-grafana/configure-security/',
  },
  NODE: { title: 'Node.js, Debugging', url: 'https://nodejs.org/en/learn/getting-started/debugging' },
  SELENIUM: { title: 'Selenium Grid documentation', url: 'https://www.selenium.dev/documentation/grid/' },
  TOMCAT: {
    title: 'Apache Tomcat, Security Considerations',
    url: 'https://tomcat.apache.org/tomcat-10.1-doc/security-howto.html',
  },
  JENKINS: {
    title: 'Jenkins, Exposed services and ports',
    url: 'https://www.jenkins.io/doc/book/security/services/',
  },
  WEBLOGIC: {
    title: 'Oracle, Securing a Production Environment for WebLogic Server',
    url: 'https://docs.oracle.com/en/middleware/standalone/weblogic-server/14.1.1.0/lockd/intro.html',
  },
  JUPYTER: {
    title: 'Jupyter Server, Security',
    url: 'https://jupyter-server.readthedocs.io/en/latest/operators/security.html',
  },
  PORTAINER: { title: 'Portainer documentation', url: 'https://docs.portainer.io/' },
  PROM: { title: 'Prometheus, Security model', url: 'https://prometheus.io/docs/operating/security/' },
  INFLUX: {
    title: 'InfluxDB, Authentication and authorization',
    url: 'https://docs.influxdata.com/influxdb/v1/administration/authentication_and_authorization/',
  },
  VAULT: { title: 'HashiCorp Vault', url: 'https://developer.hashicorp.com/vault' },
  CONSUL: { title: 'HashiCorp Consul', url: 'https://developer.hashicorp.com/consul' },
  MINECRAFT: { title: 'Minecraft Wiki, server.properties', url: 'https://minecraft.wiki/w/Server.properties' },
  DOCKER: {
    title: 'Docker, Protect the Docker daemon socket',
    url: 'https://docs.docker.com/engine/security/protect-access/',
  },
  'DOCKER-REG': {
    title: 'CNCF Distribution, Deploy a registry server',
    url: 'https://distribution.github.io/distribution/about/deploying/',
  },
  'K8S-PORTS': {
    title: 'Kubernetes, Ports and Protocols',
    url: 'https://kubernetes.io/docs/reference/networking/ports-and-protocols/',
  },
  'K8S-KUBELET': {
    title: 'Kubernetes, Kubelet authentication/authorization',
    url: 'https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/',
  },
  'K8S-SEC': {
    title: 'Kubernetes, Securing a Cluster',
    url: 'https://kubernetes.io/docs/tasks/administer-cluster/securing-a-cluster/',
  },
  ETCD: { title: 'etcd, Transport security model', url: 'https://etcd.io/docs/v3.7/op-guide/security/' },
} as const satisfies Record<string, Source>;

const DATA_SERVICES = {
  REDIS: {
    title: 'Redis security',
    url: 'https://redis.io/docs/latest/operate/oss_and_stack/management/security/',
  },
  MONGO: {
    title: 'MongoDB, Security Checklist',
    url: 'https://www.mongodb.com/docs/manual/administration/security-checklist/',
  },
  ELASTIC: {
    title: 'Elasticsearch security principles',
    url: 'https://www.elastic.co/guide/en/elasticsearch/reference/current/es-security-principles.html',
  },
  PG: {
    title: 'PostgreSQL, Client Authentication',
    url: 'https://www.postgresql.org/docs/current/client-authentication.html',
  },
  MYSQL: {
    title: 'MySQL, Security Guidelines',
    url: 'https://dev.mysql.com/doc/refman/8.4/en/security-guidelines.html',
  },
  ORACLE: {
    title: 'Oracle Net Services Administrator’s Guide',
    url: 'https://docs.oracle.com/en/database/oracle/oracle-database/19/netag/',
  },
  MEMC: { title: 'memcached documentation', url: 'https://docs.memcached.org/' },
  RABBIT: { title: 'RabbitMQ, Networking', url: 'https://www.rabbitmq.com/docs/networking' },
  COUCH: { title: 'CouchDB, Security', url: 'https://docs.couchdb.org/en/stable/intro/security.html' },
  CASS: {
    title: 'Cassandra, Security',
    url: 'https://cassandra.apache.org/doc/latest/cassandra/managing/operating/security.html',
  },
  KAFKA: { title: 'Kafka, Security', url: 'https://kafka.apache.org/documentation/#security' },
  ZK: {
    title: 'ZooKeeper Administrator’s Guide',
    url: 'https://zookeeper.apache.org/doc/current/zookeeperAdmin.html',
  },
  HADOOP: {
    title: 'Hadoop in Secure Mode',
    url: 'https://hadoop.apache.org/docs/stable/hadoop-project-dist/hadoop-common/SecureMode.html',
  },
  MOSQ: {
    title: 'Mosquitto, Authentication methods',
    url: 'https://mosquitto.org/documentation/authentication-methods/',
  },
  NATS: {
    title: 'NATS, Securing NATS',
    url: 'https://docs.nats.io/running-a-nats-service/configuration/securing_nats',
  },
  CH: {
    title: 'ClickHouse, Users and Roles Settings',
    url: 'https://clickhouse.com/docs/en/operations/settings/settings-users/',
  },
  NEO4J: {
    title: 'Neo4j, Security checklist',
    url: 'https://neo4j.com/docs/operations-manual/current/security/checklist',
  },
} as const satisfies Record<string, Source>;

/** Every source the catalogue and the topics cite, by key. */
export const SOURCES = { ...AGENCIES, ...VENDORS, ...DATA_SERVICES, ...RFCS } as const;

export type SourceKey = keyof typeof SOURCES;
