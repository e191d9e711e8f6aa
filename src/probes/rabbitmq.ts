import { z } from 'zod';
import { type ApiAnswer, HTTP_API_FACTS, httpApiProbe, openByStatus } from './httpApi.ts';
import { productOf } from './openFacts.ts';

export const RABBITMQ_FACTS = z.strictObject({ protocol: z.literal('rabbitmq'), ...HTTP_API_FACTS });

const OVERVIEW = z.object({ rabbitmq_version: z.string(), management_version: z.string() });
const REFUSAL = z.object({ error: z.literal(['not_authorized', 'not_authorised']) });

/** RabbitMQ's management plugin (HTTP API): `/api/overview`, which wants a login. */
export const rabbitmqProbe = httpApiProbe({
  protocol: 'rabbitmq',
  ports: [15_672, 15_671],
  schema: RABBITMQ_FACTS,
  async learn(ask) {
    const overview = await ask('/api/overview');
    const said = overview?.status === 200 ? overview.json(OVERVIEW) : undefined;
    if (!overview || (!said && !isRefusal(overview))) return undefined;
    return {
      protocol: 'rabbitmq' as const,
      ...overview.seen,
      openToStrangers: openByStatus(overview.status),
      product: productOf('RabbitMQ', said?.rabbitmq_version),
    };
  },
});

function isRefusal(answer: ApiAnswer): boolean {
  if (answer.status !== 401) return false;
  return (answer.header('www-authenticate') ?? '').includes('RabbitMQ') || answer.json(REFUSAL) !== undefined;
}
