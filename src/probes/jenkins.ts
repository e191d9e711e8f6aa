import { z } from 'zod';
import { HTTP_API_FACTS, httpApiProbe, openByStatus } from './httpApi.ts';
import { productOf } from './openFacts.ts';

export const JENKINS_FACTS = z.strictObject({ protocol: z.literal('jenkins'), ...HTTP_API_FACTS });

/** Jenkins: says its version in a header to everyone; its front page is for those with the right to read. */
export const jenkinsProbe = httpApiProbe({
  protocol: 'jenkins',
  ports: [8080, 8443],
  schema: JENKINS_FACTS,
  async learn(ask) {
    const page = await ask('/');
    const version = page?.header('x-jenkins');
    if (!page || version === undefined) return undefined;
    return {
      protocol: 'jenkins' as const,
      ...page.seen,
      openToStrangers: openByStatus(page.status),
      product: productOf('Jenkins', version),
    };
  },
});
