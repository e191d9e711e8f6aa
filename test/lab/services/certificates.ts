import { type CertificateOptions, type Made, makeCertificate } from '../../probes/certificates.ts';

/** What the services are asked for by. */
export const LAB_NAME = 'service.test';

const DAY_MS = 86_400_000;

/** A root of the lab's own, made anew for each process. */
const root = makeCertificate({ subject: 'Harbormaster Lab Root', isCa: true });
const intermediate = makeCertificate({ subject: 'Harbormaster Lab Issuing', isCa: true, issuer: root });

/** PEM of the root: who trusts it finds nothing wrong with {@link goodChain}. */
export const LAB_ROOT: string = root.cert;

export interface Identity {
  readonly key: string;
  /** The server's own certificate first. */
  readonly chain: string;
}

const issued = (options: CertificateOptions): Identity => {
  const { key, cert } = makeCertificate({ dnsNames: [LAB_NAME], issuer: intermediate, ...options });
  return { key, chain: cert + intermediate.cert };
};

export const goodChain = (): Identity => issued({});
export const expired = (): Identity => issued({ fromMs: Date.now() - 100 * DAY_MS, toMs: Date.now() - 10 * DAY_MS });
export const wrongName = (): Identity => issued({ subject: 'other.test', dnsNames: ['other.test'] });
export function selfSigned(): Identity {
  const { key, cert }: Made = makeCertificate({ dnsNames: [LAB_NAME] });
  return { key, chain: cert };
}
