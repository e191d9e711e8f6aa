import { z } from 'zod';
import { HTTP_API_FACTS, httpApiProbe, openByStatus } from './httpApi.ts';
import { FACT_TEXT, factText, productOf } from './openFacts.ts';

export const GRAFANA_FACTS = z.strictObject({
  protocol: z.literal('grafana'),
  ...HTTP_API_FACTS,
  /** The health of its database: `ok`. */
  database: FACT_TEXT,
  /** Of the question for the organisation. */
  orgStatus: z.int().optional(),
});

// The version may be hidden from strangers.
const HEALTH = z.object({ database: z.string(), version: z.string().optional(), commit: z.string().optional() });
const ORG = z.object({ id: z.number(), name: z.string() });

/** Grafana: its health is for everyone; its organisation is, where anonymous access is switched on. */
export const grafanaProbe = httpApiProbe({
  protocol: 'grafana',
  ports: [3000],
  schema: GRAFANA_FACTS,
  async learn(ask) {
    const health = await ask('/api/health');
    const said = health?.json(HEALTH);
    if (!health || !said) return undefined;
    const org = await ask('/api/org');
    const isOrg = org?.status !== 200 || org.json(ORG) !== undefined;
    if (said.version === undefined && said.commit === undefined && (!org || !isOrg)) return undefined;
    return {
      protocol: 'grafana' as const,
      ...health.seen,
      openToStrangers: isOrg ? openByStatus(org?.status) : undefined,
      product: productOf('Grafana', said.version),
      database: factText(said.database),
      ...(org && { orgStatus: org.status }),
    };
  },
});
