export { patchesOldVersions, type SystemName } from './distribution.ts';
export type { Fingerprint, ProductKind } from './fingerprint.ts';
export { FINGERPRINTS, type Recognised, recognise, recogniseAll, type Sighting } from './recognise.ts';
export { compareVersions, readVersion, versionNumbers } from './version.ts';
