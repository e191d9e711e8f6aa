import { once } from 'node:events';
import { createTCPServer, createUDPServer, Packet } from 'dns2';

type RecordType = 'A' | 'AAAA' | 'CNAME' | 'TXT';
type Failure = 'SERVFAIL' | 'REFUSED' | 'NXDOMAIN' | 'NOTIMP' | 'silent';

/** What the server knows of a name. A name that is not in the zone does not exist. */
export interface Records {
  A?: readonly string[];
  AAAA?: readonly string[];
  CNAME?: string;
  /** Each record as its strings. */
  TXT?: readonly (readonly string[])[];
  /** Instead of an answer. */
  fails?: Failure | Partial<Record<RecordType, Failure>>;
}

export interface DnsServer {
  /** For DNS_SERVERS. */
  readonly address: string;
  /** May be changed at any time; names in lower case. */
  readonly zone: Map<string, Records>;
  /** Every question, as `A www.example.com`. */
  readonly questions: string[];
  /** How many questions came by TCP. */
  tcpQuestions(): number;
  close(): Promise<void>;
}

const TYPES = new Map<number, RecordType>([
  [Packet.TYPE.A, 'A'],
  [Packet.TYPE.AAAA, 'AAAA'],
  [Packet.TYPE.CNAME, 'CNAME'],
  [Packet.TYPE.TXT, 'TXT'],
]);

/**
 * A real DNS server on 127.0.0.1, by UDP and TCP. It answers like a recursive resolver: a question for the addresses of an
 * alias brings the whole chain; with `recursive: false` only the alias.
 */
export async function startDnsServer(
  records: Record<string, Records>,
  { recursive = true }: { recursive?: boolean } = {},
): Promise<DnsServer> {
  const zone = new Map(Object.entries(records));
  const questions: string[] = [];
  let tcpQuestions = 0;

  /** The records of one name, and the alias to go on with. Undefined: no answer. */
  function look(name: string, type: RecordType | undefined) {
    const known = zone.get(name);
    const failure = typeof known?.fails === 'string' ? known.fails : type && known?.fails?.[type];
    if (failure === 'silent') return undefined;
    if (failure || !known || !type) return { rcode: known ? (failure ?? 'NOERROR') : 'NXDOMAIN', answers: [] } as const;
    if (known.CNAME === undefined) return { rcode: 'NOERROR', answers: ownRecords(name, type, known) } as const;
    const answers = [resource(name, 'CNAME', { domain: known.CNAME })];
    return { rcode: 'NOERROR', answers, ...(type !== 'CNAME' && recursive && { next: known.CNAME }) } as const;
  }

  function answer(request: Packet): Packet | undefined {
    const response = new Packet(request);
    Object.assign(response.header, { qr: 1, ra: 1 });
    response.answers = [];
    response.additionals = [];
    const [question] = request.questions;
    const type = TYPES.get(question?.type ?? 0);
    let name: string | undefined = question?.name.toLowerCase() ?? '';
    questions.push(`${type} ${name}`);
    for (let hops = 0; name !== undefined; hops++) {
      const found = look(name, type);
      if (!found) return undefined;
      response.answers.push(...found.answers);
      response.header.rcode = Packet.RCODE[hops < 40 ? found.rcode : 'SERVFAIL'];
      name = hops < 40 && 'next' in found ? found.next : undefined;
    }
    return response;
  }

  const udp = createUDPServer((request, send) => {
    const response = answer(request);
    if (response) void send(response);
  });
  await udp.listen(0, '127.0.0.1');
  const { port } = udp.address();
  const tcp = createTCPServer((request, send) => {
    tcpQuestions += 1;
    const response = answer(request);
    if (response) void send(response);
  });
  tcp.listen(port, '127.0.0.1');
  await once(tcp, 'listening');

  return {
    address: `127.0.0.1:${port}`,
    zone,
    questions,
    tcpQuestions: () => tcpQuestions,
    async close() {
      const closed = once(udp, 'close');
      udp.close();
      tcp.close();
      await closed;
    },
  };
}

function ownRecords(name: string, type: RecordType, { A = [], AAAA = [], TXT = [] }: Records) {
  if (type === 'TXT') return TXT.map((data) => resource(name, type, { data }));
  return (type === 'A' ? A : type === 'AAAA' ? AAAA : []).map((address) => resource(name, type, { address }));
}

function resource(name: string, type: RecordType, data: Record<string, unknown>) {
  return Object.assign(new Packet.Resource(), { name, type: Packet.TYPE[type], class: Packet.CLASS.IN, ttl: 60 }, data);
}
