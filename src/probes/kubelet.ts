import { z } from 'zod';
import { HTTP_API_FACTS, httpApiProbe, openByStatus } from './httpApi.ts';
import { productOf } from './openFacts.ts';

export const KUBELET_FACTS = z.strictObject({
  protocol: z.literal('kubelet'),
  ...HTTP_API_FACTS,
  /** Undefined when not asked, refused, or too many to be counted. */
  pods: z.int().min(0).optional(),
});

const PORTS = [10_250, 10_255];
const PODS = z.object({ kind: z.literal('PodList'), items: z.array(z.unknown()).nullable() });
const LIST_START = /^\s*\{\s*"kind"\s*:\s*"PodList"/;

/** The kubelet: `/pods`, on 10250 for those with a right to it, on the read-only port 10255 for everyone. */
export const kubeletProbe = httpApiProbe({
  protocol: 'kubelet',
  ports: PORTS,
  schema: KUBELET_FACTS,
  async learn(ask, port) {
    const answer = await ask('/pods');
    if (!answer) return undefined;
    const text = answer.text().slice(0, 200).trim();
    const listed = answer.status === 200 && LIST_START.test(text);
    const pods = listed ? answer.json(PODS) : undefined;
    // The words of its authorization filter; the one word of a 401 tells nothing where a kubelet is not expected.
    const forbidden = answer.status === 403 && /^Forbidden \(user=.{1,100}, resource=nodes/.test(text);
    const unauthorized = answer.status === 401 && text === 'Unauthorized' && PORTS.includes(port);
    if (!listed && !forbidden && !unauthorized) return undefined;
    return {
      protocol: 'kubelet' as const,
      ...answer.seen,
      openToStrangers: openByStatus(answer.status),
      product: productOf('kubelet'),
      ...(pods && { pods: pods.items?.length ?? 0 }),
    };
  },
});
