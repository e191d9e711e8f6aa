/** What the first bytes of a service are typical of, most telling first. */
interface Sign {
  /** Most likely first. */
  readonly protocols: readonly string[];
  readonly matches: (text: string, bytes: Buffer) => boolean;
}

const LOOKED_AT = 1_024;

/** A reply code of mail and file transfer (RFC 5321 §4.2, RFC 959 §4.2) as the first thing said. */
const GREETING = /^(?:120|220|421|530|554)[ -]/;

/** Text as Latin-1, so that one character is one byte. */
const SIGNS: readonly Sign[] = [
  // Lines of text may come before (RFC 4253 §4.2).
  { protocols: ['ssh'], matches: (text) => text.split('\n', 4).some((line) => /^SSH-\d/.test(line)) },
  { protocols: ['tls'], matches: (_, bytes) => (bytes[0] === 0x15 || bytes[0] === 0x16) && bytes[1] === 3 },
  { protocols: ['tls'], matches: (text) => /^HTTP\/1\.\d 400 /.test(text) && /\bhttps\b/i.test(text) },
  { protocols: ['mongodb'], matches: (text) => text.startsWith('HTTP/') && text.includes('access MongoDB over HTTP') },
  {
    protocols: ['elasticsearch', 'http'],
    matches: (text) => isHttpWith(text, /"You Know, for Search"|"cluster_uuid"/),
  },
  { protocols: ['couchdb', 'http'], matches: (text) => isHttpWith(text, /"couchdb"\s*:\s*"Welcome"/) },
  {
    protocols: ['jupyter', 'http'],
    matches: (text) => isHttpWith(text, /data-jupyter-|<title>Jupyter|server: tornado/i),
  },
  { protocols: ['kubernetes', 'http'], matches: (text) => isHttpWith(text, /"kind"\s*:\s*"Status"/) },
  { protocols: ['influxdb', 'http'], matches: (text) => isHttpWith(text, /^x-influxdb-/im) },
  { protocols: ['jenkins', 'http'], matches: (text) => isHttpWith(text, /^x-jenkins:/im) },
  {
    protocols: ['docker', 'http'],
    matches: (text) => isHttpWith(text, /^(?:server: docker\/|docker-experimental:)/im),
  },
  { protocols: ['grafana', 'http'], matches: (text) => isHttpWith(text, /^set-cookie: grafana|<title>Grafana/im) },
  { protocols: ['rabbitmq', 'http'], matches: (text) => isHttpWith(text, /<title>RabbitMQ/) },
  {
    protocols: ['prometheus', 'http'],
    matches: (text) => isHttpWith(text, /<title>Prometheus|^location: \/(?:classic\/)?(?:graph|query)\s*$/im),
  },
  { protocols: ['consul', 'http'], matches: (text) => isHttpWith(text, /Consul Agent|<title>Consul/) },
  // What Go says of a path that it does not know, which etcd's `/` is.
  {
    protocols: ['etcd', 'http'],
    matches: (text) => text.startsWith('HTTP/1.1 404 ') && text.endsWith('\n404 page not found\n'),
  },
  { protocols: ['http'], matches: (text) => text.startsWith('HTTP/') },
  { protocols: ['ftp', 'smtp'], matches: (text) => GREETING.test(text) && /ftp/i.test(text) && !/smtp/i.test(text) },
  { protocols: ['smtp', 'ftp'], matches: (text) => GREETING.test(text) },
  { protocols: ['pop3'], matches: (text) => text.startsWith('+OK') },
  { protocols: ['imap'], matches: (text) => /^\* (?:OK|PREAUTH|BYE)\b/.test(text) },
  { protocols: ['vnc'], matches: (text) => /^RFB \d{3}\.\d{3}\n/.test(text) },
  { protocols: ['telnet'], matches: (_, bytes) => bytes[0] === 0xff && (bytes[1] ?? 0) >= 0xfa && bytes[1] !== 0xff },
  { protocols: ['mysql'], matches: (_, bytes) => isMysql(bytes) },
  { protocols: ['redis'], matches: (text) => /^-(?:ERR|NOAUTH|DENIED|LOADING|WRONGPASS|NOPERM)\b/.test(text) },
  { protocols: ['memcached'], matches: (text) => /^(?:ERROR|CLIENT_ERROR [^\n]*)\r\n/.test(text) },
  { protocols: ['postgresql'], matches: (text) => text[0] === 'E' && /^S(?:FATAL|ERROR)\0/.test(text.slice(5)) },
  { protocols: ['rsync'], matches: (text) => text.startsWith('@RSYNCD:') },
  { protocols: ['amqp'], matches: (text) => text.startsWith('AMQP') },
  { protocols: ['nats'], matches: (text) => text.startsWith('INFO {') },
  { protocols: ['irc'], matches: (text) => /^:\S+ (?:NOTICE|020) /.test(text) || text.startsWith('NOTICE AUTH') },
  { protocols: ['nntp'], matches: (text) => /^20[01] .*(?:nntp|news|inn)/i.test(text) },
  { protocols: ['telnet'], matches: (text) => /(?:login|username)\s*:\s*$/i.test(text.slice(-64)) },
];

function isHttpWith(text: string, sign: RegExp): boolean {
  return text.startsWith('HTTP/') && sign.test(text);
}

/** A whole-looking first packet: its length, sequence number 0, then protocol 10, or an error. */
function isMysql(bytes: Buffer): boolean {
  if (bytes.length < 8 || bytes[3] !== 0) return false;
  const length = bytes.readUIntLE(0, 3);
  return (
    length > 4 && length < 4_096 && (bytes[4] === 10 ? /\d/.test(String.fromCharCode(bytes[5] ?? 0)) : bytes[4] === 255)
  );
}

/** Which protocols to ask in, best first, judging by the first bytes that a service sent; none when they say nothing. */
export function protocolsOf(first: Buffer): readonly string[] {
  if (first.length === 0) return [];
  const bytes = first.subarray(0, LOOKED_AT);
  const text = bytes.toString('latin1');
  return SIGNS.find(({ matches }) => matches(text, bytes))?.protocols ?? [];
}
