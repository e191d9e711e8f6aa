import { type Phrase, say } from '../engine/phrase.ts';
import { serviceNameOf } from '../engine/ports/services.ts';
import { describePort } from './lookup.ts';

/** The service that a port usually has, by its everyday name, or what IANA registered for it. */
export function usualService(port: number): Phrase {
  const name = serviceNameOf(port) ?? describePort(port).iana?.name;
  return name === undefined ? say`unknown` : say`${name}`;
}
