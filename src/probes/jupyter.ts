import { z } from 'zod';
import { HTTP_API_FACTS, httpApiProbe, openByStatus } from './httpApi.ts';
import { productOf } from './openFacts.ts';

export const JUPYTER_FACTS = z.strictObject({
  protocol: z.literal('jupyter'),
  ...HTTP_API_FACTS,
  /** Of the question for the running kernels. */
  kernelsStatus: z.int().optional(),
});

const VERSION = z.strictObject({ version: z.string() });
const KERNELS = z.array(z.object({ id: z.string(), name: z.string() }));
const REFUSAL = z.object({ message: z.string() });

/** Jupyter Server and Notebook (REST API): `/api` gives the version to everyone, `/api/kernels` to those with the token. */
export const jupyterProbe = httpApiProbe({
  protocol: 'jupyter',
  ports: [8888, 8889],
  schema: JUPYTER_FACTS,
  async learn(ask) {
    const api = await ask('/api');
    const said = api?.status === 200 ? api.json(VERSION) : undefined;
    if (!api || !said) return undefined;
    const kernels = await ask('/api/kernels');
    const listed = kernels?.status === 200 && kernels.json(KERNELS) !== undefined;
    const refused = (kernels?.status === 401 || kernels?.status === 403) && kernels.json(REFUSAL) !== undefined;
    // A version alone is said by many; a Tornado server or the kernels make it this one.
    if (!listed && !refused && !/^TornadoServer\//.test(api.header('server') ?? '')) return undefined;
    return {
      protocol: 'jupyter' as const,
      ...api.seen,
      openToStrangers: listed || refused ? openByStatus(kernels?.status) : undefined,
      product: productOf('Jupyter', said.version),
      ...(kernels && { kernelsStatus: kernels.status }),
    };
  },
});
