import type { PortGuide } from '../guide.ts';
import { adminPanels } from './adminPanels.ts';
import { brokers } from './brokers.ts';
import { containers } from './containers.ts';
import { databases } from './databases.ts';
import { development } from './development.ts';
import { deviceManagement } from './deviceManagement.ts';
import { directory } from './directory.ts';
import { fileTransfer } from './fileTransfer.ts';
import { gateways } from './gateways.ts';
import { infrastructure } from './infrastructure.ts';
import { mail } from './mail.ts';
import { monitoring } from './monitoring.ts';
import { operations } from './operations.ts';
import { remoteAccess } from './remoteAccess.ts';
import { simpleServices } from './simpleServices.ts';
import { storage } from './storage.ts';
import { web } from './web.ts';

/**
 * Every guide, the everyday services first. A port number occurs once in all of it: where products share a port, one
 * guide speaks for them all.
 */
export const CATALOGUE: readonly PortGuide[] = [
  ...web,
  ...remoteAccess,
  ...fileTransfer,
  ...mail,
  ...infrastructure,
  ...databases,
  ...brokers,
  ...containers,
  ...storage,
  ...directory,
  ...gateways,
  ...adminPanels,
  ...development,
  ...operations,
  ...monitoring,
  ...deviceManagement,
  ...simpleServices,
];
