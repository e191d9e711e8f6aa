import { z } from 'zod';
import { HTTP_API_FACTS, httpApiProbe, openByStatus } from './httpApi.ts';
import { FACT_TEXT, factText, productOf } from './openFacts.ts';

export const DOCKER_FACTS = z.strictObject({
  protocol: z.literal('docker'),
  ...HTTP_API_FACTS,
  apiVersion: FACT_TEXT.optional(),
  os: FACT_TEXT.optional(),
  kernel: FACT_TEXT.optional(),
});

const VERSION = z.object({
  Version: z.string(),
  ApiVersion: z.string(),
  Os: z.string().optional(),
  KernelVersion: z.string().optional(),
  Components: z.array(z.object({ Name: z.string() })).optional(),
});

/** The Docker Engine API (and Podman's like it): `/version`, which is answered to those who may do everything else too. */
export const dockerProbe = httpApiProbe({
  protocol: 'docker',
  ports: [2375, 2376],
  schema: DOCKER_FACTS,
  async learn(ask) {
    const version = await ask('/version');
    const said = version?.json(VERSION);
    const [, name, number] = /^(Docker|Libpod)\/([\w.+-]{1,60})/.exec(version?.header('server') ?? '') ?? [];
    if (!version || (!said && name === undefined)) return undefined;
    const isPodman = name === 'Libpod' || said?.Components?.[0]?.Name === 'Podman Engine';
    return {
      protocol: 'docker' as const,
      ...version.seen,
      openToStrangers: said ? true : openByStatus(version.status),
      product: productOf(isPodman ? 'Podman' : 'Docker', said?.Version ?? number),
      ...(said && { apiVersion: factText(said.ApiVersion) }),
      ...(said?.Os !== undefined && { os: factText(said.Os) }),
      ...(said?.KernelVersion !== undefined && { kernel: factText(said.KernelVersion) }),
    };
  },
});
