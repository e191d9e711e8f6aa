import { serviceNameOf } from '../engine/ports/services.ts';
import { describePort } from './lookup.ts';

/** The service that a port usually has, by its everyday name, or what IANA registered for it. */
export function usualService(port: number): string {
  return serviceNameOf(port) ?? describePort(port).iana?.name ?? 'unknown';
}
