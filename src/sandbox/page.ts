import { startDemoTargets } from './demo/targets.ts';
import { tourOf } from './demo/tour.ts';
import type { Sandbox } from './sandbox.ts';
import { startWeb, type WebPage } from './web/server.ts';

/** Where the page is when nobody says otherwise: what a browser remembers of it belongs to this address. */
const USUAL_PORT = 4400;

export interface PageOptions {
  readonly sandbox: Sandbox;
  readonly restartBot: () => Promise<void>;
  /** Default: 4400, or any free port when that is taken. */
  readonly port?: number;
}

/** The page with its demo machines. Rejects when the port that was asked for is taken. */
export async function startPage({ sandbox, restartBot, port }: PageOptions): Promise<WebPage> {
  const demo = await startDemoTargets();
  const options = { sandbox, restartBot, tour: tourOf(demo) };
  try {
    const page = await startWeb({ ...options, port: port ?? USUAL_PORT }).catch((error: unknown) => {
      if (port !== undefined) throw error;
      return startWeb(options);
    });
    return {
      url: page.url,
      stop: async () => {
        await page.stop();
        await demo.stop();
      },
    };
  } catch (error) {
    await demo.stop();
    throw error;
  }
}
