import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import * as z from 'zod';
import { type Link, LinkError, type ProbeTarget } from './link.ts';
import { FACT_TEXT, factText } from './openFacts.ts';
import type { Probe } from './probe.ts';
import { CERTIFICATE_FACTS, certificateFacts, certificateMatches } from './tls/certificate.ts';
import { type Handshake, shakeHands } from './tls/handshake.ts';
import { looksLikeTls } from './tls/records.ts';
import { STARTTLS_PROTOCOLS, type StartTlsProtocol, startTls } from './tls/startTls.ts';
import { askLastResort, askVersions, VERSION_FACTS } from './tls/versions.ts';

const name = z.string().max(100);
const MAX_ISSUERS = 5;

/** What a server showed of its TLS. */
export const TLS_FACTS = z.strictObject({
  protocol: z.literal('tls'),
  /** The protocol that began in the clear, and whether it agreed to TLS. */
  startTls: z.strictObject({ protocol: z.enum(STARTTLS_PROTOCOLS), answer: z.enum(['ready', 'refused']) }).optional(),
  /** False: it agreed to STARTTLS, or refused, and no TLS came. The rest is empty then. */
  spoken: z.boolean(),
  /** SSLv3 to TLS 1.3, oldest first, each asked for on a connection of its own. */
  versions: z.array(VERSION_FACTS).max(5),
  /** The cipher suite that it takes when offered only such as no current client offers. */
  lastResortCipher: name.optional(),
  /** With a client that offers everything current. */
  negotiated: z
    .strictObject({
      version: name.optional(),
      /** IANA's name. */
      cipher: name,
      /** IANA's name. */
      group: name.optional(),
      dhBits: z.number().int().optional(),
      alpn: FACT_TEXT.optional(),
    })
    .optional(),
  /** The alert that ended the handshake with a client that offers everything current. */
  alert: name.optional(),
  clientCertificate: z.enum(['not asked', 'asked', 'required']).optional(),
  certificate: CERTIFICATE_FACTS.optional(),
  /** Whether the certificate is for the name that was asked for, or for the address where none was. */
  nameMatches: z.boolean().optional(),
  chain: z
    .strictObject({
      /** Certificates sent, the server's own included. */
      length: z.number().int(),
      bytes: z.number().int(),
      /** Not all of it was read: too long, too many, or less than announced. */
      cut: z.boolean(),
      /** The first of those after the server's own, without alternative names. */
      issuers: z.array(CERTIFICATE_FACTS).max(MAX_ISSUERS),
    })
    .optional(),
  /** By the roots that Node ships, at the time of the machine's clock; `code` is OpenSSL's reason why not. */
  trust: z.strictObject({ trusted: z.boolean(), code: name.optional() }).optional(),
});

export type TlsFacts = z.infer<typeof TLS_FACTS>;

export interface InspectTlsOptions {
  readonly starttls?: StartTlsProtocol | undefined;
  /** Epoch milliseconds; days left are counted from here. */
  readonly nowMs: number;
  /** PEM, instead of Node's roots. */
  readonly ca?: readonly string[] | undefined;
}

type Open = () => Promise<Link>;

const WEB_PROTOCOLS = ['h2', 'http/1.1'];

/** One conversation up to the end of the handshake, after STARTTLS where that comes first. */
async function firstLook(
  open: Open,
  target: ProbeTarget,
  { starttls, ca }: InspectTlsOptions,
  alpn?: readonly string[],
) {
  const link = await open();
  try {
    if (starttls) {
      const answer = await startTls(link, starttls);
      if (answer !== 'ready') return { answer };
    }
    const serverName = target.name && !isIP(target.name) ? target.name : undefined;
    const handshake = await shakeHands(link, { serverName, alpn, ca });
    return { answer: 'ready' as const, handshake, closed: link.ended() };
  } finally {
    link.close();
  }
}

function clientCertificateOf({ flight, done, hungUp }: Handshake): TlsFacts['clientCertificate'] {
  if (!flight.clientCertificateAsked) return done ? 'not asked' : undefined;
  return !done || hungUp ? 'required' : 'asked';
}

/** Without the properties that are undefined: facts are stored as JSON. */
const dense = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, of]) => of !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

/** A certificate need not list an address that nobody asked for by name: undefined then. */
function nameMatches(leaf: Buffer, { name, address }: ProbeTarget): boolean | undefined {
  return certificateMatches(leaf, name ?? address) || (name === undefined ? undefined : false);
}

function handshakeFacts(handshake: Handshake, target: ProbeTarget, nowMs: number): Partial<TlsFacts> {
  const { flight, done, alpn, trust } = handshake;
  const { hello, group, dhBits } = flight;
  const [leaf, ...issuers] = flight.certificates;
  const issuersOf = () => issuers.slice(0, MAX_ISSUERS).flatMap((der) => certificateFacts(der, nowMs, 0) ?? []);
  return dense({
    alert: done ? undefined : flight.alert,
    negotiated:
      hello &&
      dense({
        version: hello.version,
        cipher: hello.cipher,
        group,
        dhBits,
        alpn: alpn === undefined ? undefined : factText(alpn),
      }),
    clientCertificate: clientCertificateOf(handshake),
    certificate: leaf && certificateFacts(leaf, nowMs),
    nameMatches: leaf && nameMatches(leaf, target),
    chain:
      flight.chainLength > 0
        ? { length: flight.chainLength, bytes: flight.chainBytes, cut: flight.chainCut, issuers: issuersOf() }
        : undefined,
    trust: trust && dense({ ...trust, code: trust.code === undefined ? undefined : factText(trust.code, 50) }),
  }) as Partial<TlsFacts>;
}

/**
 * Asks a server for everything that it shows of its TLS without credentials: one full handshake, then one ClientHello for
 * each version, and one with the last resorts alone, each on a link of its own. Resolves with undefined when there is no TLS
 * (nor, with `starttls`, the protocol around it). Rejects with LinkError when the first link cannot be had.
 */
export async function inspectTls(
  open: Open,
  target: ProbeTarget,
  options: InspectTlsOptions,
): Promise<TlsFacts | undefined> {
  const { starttls, nowMs } = options;
  let first = await firstLook(open, target, options, starttls ? undefined : WEB_PROTOCOLS);
  if (first.handshake?.flight.alert === 'no_application_protocol') first = await firstLook(open, target, options);
  const { answer, handshake } = first;
  const said = (protocol: StartTlsProtocol | undefined) =>
    protocol && answer !== 'other' ? { startTls: { protocol, answer } } : {};
  if (answer === 'other') return undefined;
  const silent: TlsFacts = { protocol: 'tls', ...said(starttls), spoken: false, versions: [] };
  if (!handshake) return silent;
  const spoken = looksLikeTls(handshake.answer);
  // One that hangs up on a current client may still speak an old version.
  if (!spoken && (handshake.answer.length > 0 || !first.closed)) return starttls ? silent : undefined;

  const openClear = async () => {
    const link = await open();
    if (starttls && (await startTls(link, starttls)) !== 'ready') {
      link.close();
      throw new LinkError('reset');
    }
    return link;
  };
  const asking = { open: openClear, name: target.name, random: () => randomBytes(96) };
  const versions = await askVersions(asking, handshake.flight.hello);
  if (!spoken && versions.every(({ accepted, alert }) => accepted !== 'yes' && alert === undefined)) {
    return starttls ? silent : undefined;
  }
  const lastResortCipher = await askLastResort(asking, versions);
  return {
    ...silent,
    spoken: true,
    versions,
    ...(lastResortCipher === undefined ? {} : { lastResortCipher }),
    ...handshakeFacts(handshake, target, nowMs),
  };
}

/** Where TLS follows a conversation in the clear. */
export const STARTTLS_PORTS: ReadonlyMap<number, StartTlsProtocol> = new Map([
  [21, 'ftp'],
  [25, 'smtp'],
  [110, 'pop3'],
  [143, 'imap'],
  [587, 'smtp'],
  [2525, 'smtp'],
  [5432, 'postgres'],
]);

const IMPLICIT_PORTS = [
  443, 465, 636, 853, 989, 990, 992, 993, 994, 995, 2376, 4433, 5061, 5223, 5671, 5986, 6443, 6514,
];

/** TLS at once, or after STARTTLS where the port is known for it. */
export const tlsProbe: Probe<TlsFacts> = {
  protocol: 'tls',
  ports: [...IMPLICIT_PORTS, 8443, 8883, 9443, 10250, ...STARTTLS_PORTS.keys()],
  run: ({ open, target, nowMs }) => inspectTls(open, target, { nowMs, starttls: STARTTLS_PORTS.get(target.port) }),
};
