import { ComponentType } from 'discord.js';
import { asArray, asJson, isAbsent, isJson, type Json } from '../json.ts';
import { checkControl, isSelect } from './controls.ts';
import type { Spot } from './issues.ts';
import { checkLayout, LAYOUT_TYPES } from './layout.ts';
import { checkList, checkObject } from './values.ts';

/** Limits of "Component Reference" in Discord's documentation. */
export const COMPONENT_LIMITS = {
  /** Rows of a message without Components V2. */
  rows: 5,
  buttonsInRow: 5,
  /** Components of a Components V2 message, nested ones included. */
  totalV2: 40,
  /** Characters over all text displays of a Components V2 message. */
  textV2: 4000,
} as const;

export interface ComponentRules {
  readonly v2: boolean;
  /** Names of files that `attachment://` may refer to. */
  readonly names: ReadonlySet<string>;
}

/** A row holds up to five buttons, or one select alone. */
export function checkRow(spot: Spot, row: Json): void {
  const children = checkList(spot.at('components'), row.components, {
    min: 1,
    max: COMPONENT_LIMITS.buttonsInRow,
    required: true,
  });
  for (const [index, value] of children.entries()) {
    const at = spot.at('components').at(index);
    const child = checkObject(at, value);
    if (child) checkControl(at, child);
  }
  const types = children.map((child) => asJson(child).type);
  if (types.some(isSelect) && types.length > 1)
    spot.at('components').fail('COMPONENT_LAYOUT_WIDTH_EXCEEDED', 'The specified component exceeds the maximum width');
}

function checkTopLevel(spot: Spot, value: unknown, rules: ComponentRules): void {
  const component = checkObject(spot, value);
  if (!component) return;
  if (component.type === ComponentType.ActionRow) checkRow(spot, component);
  else if (rules.v2 && LAYOUT_TYPES.includes(component.type)) checkLayout(spot, component, rules, checkRow);
  else {
    const allowed = rules.v2 ? [ComponentType.ActionRow, ...LAYOUT_TYPES] : [ComponentType.ActionRow];
    spot.at('type').fail('UNION_TYPE_CHOICES', `Value of field "type" must be one of (${allowed.join(', ')}).`);
  }
}

interface Placed {
  readonly spot: Spot;
  readonly component: Json;
}

/** Every component at any depth, with the place where it stands. */
function flatten(spot: Spot, value: unknown): readonly Placed[] {
  return asArray(value).flatMap((item, index) => {
    if (!isJson(item)) return [];
    const at = spot.at(index);
    const accessory = isJson(item.accessory) ? [{ spot: at.at('accessory'), component: item.accessory }] : [];
    return [{ spot: at, component: item }, ...flatten(at.at('components'), item.components), ...accessory];
  });
}

function checkUnique(placed: readonly Placed[], key: 'custom_id' | 'id', code: string, message: string): void {
  const seen = new Set<unknown>();
  for (const { spot, component } of placed) {
    const value = component[key];
    if (isAbsent(value) || (key === 'id' && value === 0)) continue;
    if (seen.has(value)) spot.at(key).fail(code, message);
    seen.add(value);
  }
}

/** Checks the `components` member of a message; returns undefined when it is absent. */
export function checkComponents(spot: Spot, value: unknown, rules: ComponentRules): readonly Json[] | undefined {
  if (value === undefined) return undefined;
  const max = rules.v2 ? COMPONENT_LIMITS.totalV2 : COMPONENT_LIMITS.rows;
  const rows = checkList(spot, value, { max });
  for (const [index, row] of rows.entries()) checkTopLevel(spot.at(index), row, rules);
  const placed = flatten(spot, rows);
  checkUnique(placed, 'custom_id', 'COMPONENT_CUSTOM_ID_DUPLICATED', 'Component custom id cannot be duplicated');
  checkUnique(placed, 'id', 'COMPONENT_ID_DUPLICATED', 'Component id cannot be duplicated');
  if (rules.v2) checkTotals(spot, placed);
  return rows.map(asJson);
}

function checkTotals(spot: Spot, placed: readonly Placed[]): void {
  const { totalV2, textV2 } = COMPONENT_LIMITS;
  if (placed.length > totalV2)
    spot.fail('COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED', `The total number of components cannot exceed ${totalV2}`);
  const characters = placed
    .filter(({ component }) => component.type === ComponentType.TextDisplay)
    .reduce((sum, { component }) => sum + [...String(component.content ?? '')].length, 0);
  if (characters > textV2)
    spot.fail(
      'COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED',
      `Displayable text content length exceeds maximum size of ${textV2}`,
    );
}
