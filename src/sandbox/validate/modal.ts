import { ComponentType } from 'discord.js';
import { asJson, isAbsent, type Json } from '../json.ts';
import { checkSelect, isSelect } from './controls.ts';
import type { Spot } from './issues.ts';
import { checkChoice, checkInteger, checkList, checkObject, checkText, failRequired } from './values.ts';

/** Limits of the modal interaction response and of its inputs ("Component Reference"). */
export const MODAL_LIMITS = { title: 45, rows: 5, label: 45, value: 4000, placeholder: 100, description: 100 } as const;

const CUSTOM_ID = { min: 1, max: 100, required: true };
const OTHER_INPUTS: readonly unknown[] = [
  ComponentType.FileUpload,
  ComponentType.RadioGroup,
  ComponentType.CheckboxGroup,
  ComponentType.Checkbox,
];

function checkTextInput(spot: Spot, input: Json, labelled: boolean): void {
  checkText(spot.at('custom_id'), input.custom_id, CUSTOM_ID);
  checkChoice(spot.at('style'), input.style, [1, 2]);
  // Inside a label component the label is the parent's.
  if (!labelled) checkText(spot.at('label'), input.label, { min: 1, max: MODAL_LIMITS.label, required: true });
  checkText(spot.at('value'), input.value, { max: MODAL_LIMITS.value });
  checkText(spot.at('placeholder'), input.placeholder, { max: MODAL_LIMITS.placeholder });
  const least = checkInteger(spot.at('min_length'), input.min_length, 0, MODAL_LIMITS.value) ?? 0;
  const most = checkInteger(spot.at('max_length'), input.max_length, 1, MODAL_LIMITS.value) ?? MODAL_LIMITS.value;
  if (least > most)
    spot.at('min_length').fail('TEXT_INPUT_MIN_LENGTH_ABOVE_MAX', 'min_length must not be greater than max_length');
}

function checkInput(spot: Spot, value: unknown, labelled: boolean): string | null {
  const input = checkObject(spot, value);
  if (!input) return null;
  if (input.type === ComponentType.TextInput) checkTextInput(spot, input, labelled);
  else if (labelled && isSelect(input.type)) checkSelect(spot, input);
  else if (labelled && OTHER_INPUTS.includes(input.type)) checkText(spot.at('custom_id'), input.custom_id, CUSTOM_ID);
  else spot.at('type').fail('UNION_TYPE_CHOICES', 'Value of field "type" must be one of (4).');
  return typeof input.custom_id === 'string' ? input.custom_id : null;
}

/** Checks one row of the modal and returns the custom ids in it. */
function checkModalRow(spot: Spot, value: unknown): readonly (string | null)[] {
  const row = checkObject(spot, value);
  if (!row) return [];
  if (row.type === ComponentType.ActionRow) {
    const inputs = checkList(spot.at('components'), row.components, { min: 1, max: 1, required: true });
    return inputs.map((input, index) => checkInput(spot.at('components').at(index), input, false));
  }
  if (row.type === ComponentType.Label) {
    checkText(spot.at('label'), row.label, { min: 1, max: MODAL_LIMITS.label, required: true });
    checkText(spot.at('description'), row.description, { max: MODAL_LIMITS.description });
    if (isAbsent(row.component)) failRequired(spot.at('component'));
    return isAbsent(row.component) ? [] : [checkInput(spot.at('component'), row.component, true)];
  }
  if (row.type === ComponentType.TextDisplay) {
    checkText(spot.at('content'), row.content, { min: 1, max: MODAL_LIMITS.value, required: true });
    return [];
  }
  spot.at('type').fail('UNION_TYPE_CHOICES', 'Value of field "type" must be one of (1, 10, 18).');
  return [];
}

/** Checks the data of interaction response type 9. */
export function checkModal(spot: Spot, value: unknown): void {
  const modal = asJson(value);
  checkText(spot.at('custom_id'), modal.custom_id, CUSTOM_ID);
  checkText(spot.at('title'), modal.title, { min: 1, max: MODAL_LIMITS.title, required: true });
  const rows = checkList(spot.at('components'), modal.components, { min: 1, max: MODAL_LIMITS.rows, required: true });
  const seen = new Set<string>();
  for (const [index, row] of rows.entries()) {
    for (const customId of checkModalRow(spot.at('components').at(index), row)) {
      if (customId === null) continue;
      if (seen.has(customId))
        spot
          .at('components')
          .at(index)
          .fail('COMPONENT_CUSTOM_ID_DUPLICATED', 'Component custom id cannot be duplicated');
      seen.add(customId);
    }
  }
}
