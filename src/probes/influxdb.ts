import { z } from 'zod';
import { HTTP_API_FACTS, httpApiProbe, openByStatus } from './httpApi.ts';
import { FACT_TEXT, factText, productOf } from './openFacts.ts';

export const INFLUXDB_FACTS = z.strictObject({
  protocol: z.literal('influxdb'),
  ...HTTP_API_FACTS,
  /** OSS, ENT, Core… */
  build: FACT_TEXT.optional(),
  /** Of the question for the list of databases. */
  queryStatus: z.int().optional(),
});

const RESULTS = z.object({ results: z.array(z.unknown()) });

/** InfluxDB: `/ping` says the version to everyone, `SHOW DATABASES` (1.x, and 2.x in its likeness) must not be answered. */
export const influxdbProbe = httpApiProbe({
  protocol: 'influxdb',
  ports: [8086, 8181],
  schema: INFLUXDB_FACTS,
  async learn(ask) {
    const ping = await ask('/ping');
    const version = ping?.header('x-influxdb-version');
    const build = ping?.header('x-influxdb-build');
    if (!ping || version === undefined) return undefined;
    const query = await ask('/query?q=SHOW%20DATABASES');
    const listed = query?.status !== 200 || query.json(RESULTS) !== undefined;
    return {
      protocol: 'influxdb' as const,
      ...ping.seen,
      openToStrangers: listed ? openByStatus(query?.status) : undefined,
      product: productOf('InfluxDB', version.replace(/^v/, '')),
      ...(build !== undefined && { build: factText(build) }),
      ...(query && { queryStatus: query.status }),
    };
  },
});
