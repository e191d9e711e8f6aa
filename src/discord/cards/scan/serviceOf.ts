import { describePort } from '../../../advice/lookup.ts';
import { serviceNameOf } from '../../../engine/ports/services.ts';

/** The service's everyday name, or what IANA registered for the port. */
export function serviceOf(port: number): string {
  return serviceNameOf(port) ?? describePort(port).iana?.name ?? 'unknown';
}
