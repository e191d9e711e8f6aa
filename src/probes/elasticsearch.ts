import { z } from 'zod';
import { type ApiAnswer, HTTP_API_FACTS, httpApiProbe, openByStatus } from './httpApi.ts';
import { FACT_TEXT, factText, productOf } from './openFacts.ts';

export const ELASTICSEARCH_FACTS = z.strictObject({
  protocol: z.literal('elasticsearch'),
  ...HTTP_API_FACTS,
  clusterName: FACT_TEXT.optional(),
});

const ROOT = z.object({
  cluster_name: z.string(),
  version: z.object({ number: z.string(), distribution: z.string().optional() }),
});

/** Elasticsearch and OpenSearch: the root of the REST API, which says who it is to those whom it lets in. */
export const elasticsearchProbe = httpApiProbe({
  protocol: 'elasticsearch',
  ports: [9200, 9201],
  schema: ELASTICSEARCH_FACTS,
  async learn(ask) {
    const root = await ask('/');
    const said = root?.json(ROOT);
    const name = said ? nameBy(said.version.distribution) : root && nameByRefusal(root);
    if (!root || name === undefined) return undefined;
    return {
      protocol: 'elasticsearch' as const,
      ...root.seen,
      openToStrangers: openByStatus(root.status),
      product: productOf(name, said?.version.number),
      ...(said && { clusterName: factText(said.cluster_name) }),
    };
  },
});

function nameBy(distribution: string | undefined): string {
  return distribution === 'opensearch' ? 'OpenSearch' : 'Elasticsearch';
}

/** What the security of both leaves visible with a 401 or 403. */
function nameByRefusal(answer: ApiAnswer): string | undefined {
  if (answer.status !== 401 && answer.status !== 403) return undefined;
  const realm = answer.header('www-authenticate') ?? '';
  if (realm.includes('OpenSearch')) return 'OpenSearch';
  const isElastic =
    answer.header('x-elastic-product') === 'Elasticsearch' || answer.text().includes('security_exception');
  return isElastic ? 'Elasticsearch' : undefined;
}
