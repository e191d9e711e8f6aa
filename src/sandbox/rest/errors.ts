import type { Json } from '../json.ts';
import { createIssues, type Spot } from '../validate/issues.ts';

/** A refusal in Discord's shape: HTTP status and `{ code, message, errors? }` ("Opcodes and Status Codes"). */
export class RestError extends Error {
  readonly status: number;
  readonly body: Json;

  constructor(status: number, code: number, message: string, errors?: Json) {
    super(message);
    this.status = status;
    this.body = errors ? { message, code, errors } : { message, code };
  }
}

export const notFound = (): RestError => new RestError(404, 0, '404: Not Found');
export const unauthorized = (): RestError => new RestError(401, 0, '401: Unauthorized');
export const methodNotAllowed = (): RestError => new RestError(405, 0, '405: Method Not Allowed');
export const unknownChannel = (): RestError => new RestError(404, 10_003, 'Unknown Channel');
export const unknownGuild = (): RestError => new RestError(404, 10_004, 'Unknown Guild');
export const unknownMember = (): RestError => new RestError(404, 10_007, 'Unknown Member');
export const unknownMessage = (): RestError => new RestError(404, 10_008, 'Unknown Message');
export const unknownUser = (): RestError => new RestError(404, 10_013, 'Unknown User');
export const unknownWebhook = (): RestError => new RestError(404, 10_015, 'Unknown Webhook');
export const unknownInteraction = (): RestError => new RestError(404, 10_062, 'Unknown interaction');
export const unknownCommand = (): RestError => new RestError(404, 10_063, 'Unknown application command');
export const alreadyAcknowledged = (): RestError =>
  new RestError(400, 40_060, 'Interaction has already been acknowledged.');
export const entityTooLarge = (): RestError => new RestError(413, 40_005, 'Request entity too large');
export const missingAccess = (): RestError => new RestError(403, 50_001, 'Missing Access');
export const foreignMessage = (): RestError =>
  new RestError(403, 50_005, 'Cannot edit a message authored by another user');
export const emptyMessage = (): RestError => new RestError(400, 50_006, 'Cannot send an empty message');
export const missingPermissions = (): RestError => new RestError(403, 50_013, 'Missing Permissions');
export const invalidWebhookToken = (): RestError => new RestError(401, 50_027, 'Invalid Webhook Token');
export const invalidJson = (): RestError => new RestError(400, 50_109, 'The request body contains invalid JSON.');

/** Runs the checks and throws `Invalid Form Body` (50035) with the tree of failures when there are any. */
export function validated<T>(check: (spot: Spot) => T): T {
  const issues = createIssues();
  const value = check(issues);
  if (!issues.empty) throw new RestError(400, 50_035, 'Invalid Form Body', issues.tree());
  return value;
}
