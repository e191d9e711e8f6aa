import { ApplicationCommandOptionType } from 'discord.js';
import { asJson } from '../json.ts';
import type { Spot } from './issues.ts';
import { checkList, checkObject, checkText } from './values.ts';

const MAX_CHOICES = 25;
const TEXT_LIMIT = 100;

/** Checks the data of interaction response type 8; `optionType` is the type of the focused option. */
export function checkAutocomplete(spot: Spot, value: unknown, optionType: number): void {
  const choices = checkList(spot.at('choices'), asJson(value).choices, { max: MAX_CHOICES });
  for (const [index, item] of choices.entries()) {
    const at = spot.at('choices').at(index);
    const choice = checkObject(at, item);
    if (!choice) continue;
    checkText(at.at('name'), choice.name, { min: 1, max: TEXT_LIMIT, required: true });
    if (optionType === ApplicationCommandOptionType.String)
      checkText(at.at('value'), choice.value, { max: TEXT_LIMIT, required: true });
    else if (typeof choice.value !== 'number')
      at.at('value').fail('NUMBER_TYPE_COERCE', `Value "${String(choice.value)}" is not a number.`);
  }
}
