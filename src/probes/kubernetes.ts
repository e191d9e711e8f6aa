import { z } from 'zod';
import { type ApiAnswer, HTTP_API_FACTS, httpApiProbe, openByStatus } from './httpApi.ts';
import { FACT_TEXT, factText, productOf } from './openFacts.ts';

export const KUBERNETES_FACTS = z.strictObject({
  protocol: z.literal('kubernetes'),
  ...HTTP_API_FACTS,
  platform: FACT_TEXT.optional(),
  /** Of the question for namespaces; 403: strangers are known as `system:anonymous`, 401: they are not let in at all. */
  namespacesStatus: z.int().optional(),
});

const VERSION = z.object({ gitVersion: z.string(), major: z.string(), platform: z.string().optional() });
const REFUSAL = z.object({ kind: z.literal('Status'), apiVersion: z.literal('v1'), code: z.literal([401, 403]) });
const LIST_START = /^\s*\{\s*"kind"\s*:\s*"(?:NamespaceList|Table)"/;

/** The Kubernetes API server: `/version` is for everyone by default, namespaces are not. Strangers may list at most one. */
export const kubernetesProbe = httpApiProbe({
  protocol: 'kubernetes',
  ports: [6443, 8001, 16_443],
  schema: KUBERNETES_FACTS,
  async learn(ask) {
    const version = await ask('/version');
    const said = version?.json(VERSION);
    if (!version || (!said && !isRefusal(version))) return undefined;
    const namespaces = await ask('/api/v1/namespaces?limit=1');
    const listed = namespaces?.status === 200 && LIST_START.test(namespaces.text().slice(0, 200));
    const openToStrangers =
      listed || (namespaces && isRefusal(namespaces) ? openByStatus(namespaces.status) : undefined);
    return {
      protocol: 'kubernetes' as const,
      ...version.seen,
      openToStrangers,
      product: productOf('Kubernetes', said?.gitVersion.replace(/^v/, '')),
      ...(said?.platform !== undefined && { platform: factText(said.platform) }),
      ...(namespaces && { namespacesStatus: namespaces.status }),
    };
  },
});

function isRefusal(answer: ApiAnswer): boolean {
  return answer.json(REFUSAL) !== undefined;
}
