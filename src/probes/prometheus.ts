import { z } from 'zod';
import { HTTP_API_FACTS, httpApiProbe } from './httpApi.ts';
import { productOf } from './openFacts.ts';

export const PROMETHEUS_FACTS = z.strictObject({ protocol: z.literal('prometheus'), ...HTTP_API_FACTS });

const BUILD = z.object({ status: z.literal('success'), data: z.object({ version: z.string(), revision: z.string() }) });
const HEALTHY = /^Prometheus (?:Server )?is Healthy\./;

/** Prometheus: its build information (since 2.14), or its health in its own words. */
export const prometheusProbe = httpApiProbe({
  protocol: 'prometheus',
  ports: [9090],
  schema: PROMETHEUS_FACTS,
  async learn(ask) {
    const build = await ask('/api/v1/status/buildinfo');
    const said = build?.status === 200 ? build.json(BUILD) : undefined;
    if (build && said) {
      return {
        protocol: 'prometheus' as const,
        ...build.seen,
        openToStrangers: true,
        product: productOf('Prometheus', said.data.version),
      };
    }
    const health = build && (await ask('/-/healthy'));
    if (!health || !HEALTHY.test(health.text().slice(0, 100))) return undefined;
    // An older one has no build information; one that guards it may leave its health to everyone.
    const openToStrangers =
      build.status === 404 ? true : build.status === 401 || build.status === 403 ? false : undefined;
    return { protocol: 'prometheus' as const, ...health.seen, openToStrangers, product: productOf('Prometheus') };
  },
});
