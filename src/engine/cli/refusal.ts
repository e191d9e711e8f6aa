import type { Failure } from '../parsed.ts';
import { say } from '../phrase.ts';
import { EXAMPLE } from './help.ts';

export type Refusal = Failure;

/** What is wrong with the command line, which speaks English alone, and a command that works. */
export function refuse(code: string, message: string, example: string = EXAMPLE): Refusal {
  return { ok: false, problem: { code, message: say`${message}`, example } };
}

/** An example with another host. */
export function exampleFor(host: string, ports = '22,80,443'): string {
  return `npm run scan -- ${host} -p ${ports}`;
}
