import { type Link, LinkError } from './link.ts';
import type { ProbeContext } from './probe.ts';

/** Opens a link for one conversation and closes it after, whatever happens. */
export async function withLink<T>(context: ProbeContext, talk: (link: Link) => Promise<T>): Promise<T> {
  const link = await context.open();
  try {
    return await talk(link);
  } finally {
    link.close();
  }
}

/** A further question whose failure takes nothing from what is known: undefined then. An abort still rejects. */
export async function further<T>(question: Promise<T>): Promise<T | undefined> {
  try {
    return await question;
  } catch (error) {
    if (error instanceof LinkError && error.failure !== 'aborted') return undefined;
    throw error;
  }
}
