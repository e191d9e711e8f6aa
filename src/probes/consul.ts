import { z } from 'zod';
import { type ApiAnswer, HTTP_API_FACTS, httpApiProbe, openByStatus } from './httpApi.ts';
import { FACT_TEXT, factText, productOf } from './openFacts.ts';

export const CONSUL_FACTS = z.strictObject({
  protocol: z.literal('consul'),
  ...HTTP_API_FACTS,
  datacenter: FACT_TEXT.optional(),
  isServer: z.boolean().optional(),
});

const SELF = z.object({
  Config: z.object({ Version: z.string(), Datacenter: z.string().optional(), Server: z.boolean().optional() }),
});

/** Consul's agent: `/v1/agent/self`, which access rules keep from strangers. */
export const consulProbe = httpApiProbe({
  protocol: 'consul',
  ports: [8500, 8501],
  schema: CONSUL_FACTS,
  async learn(ask) {
    const self = await ask('/v1/agent/self');
    const config = self?.status === 200 ? self.json(SELF)?.Config : undefined;
    if (!self || (!config && !isRefusal(self))) return undefined;
    return {
      protocol: 'consul' as const,
      ...self.seen,
      openToStrangers: openByStatus(self.status),
      product: productOf('Consul', config?.Version),
      ...(config?.Datacenter !== undefined && { datacenter: factText(config.Datacenter) }),
      ...(config?.Server !== undefined && { isServer: config.Server }),
    };
  },
});

function isRefusal(answer: ApiAnswer): boolean {
  if (answer.status !== 403 && answer.status !== 401) return false;
  return (
    answer.header('x-consul-default-acl-policy') !== undefined ||
    /^(?:Permission denied: |ACL not found)/.test(answer.text().slice(0, 100))
  );
}
