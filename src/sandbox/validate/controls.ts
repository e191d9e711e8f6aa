import { ButtonStyle, ComponentType } from 'discord.js';
import { asJson, asText, discordLength, isAbsent, type Json } from '../json.ts';
import type { Spot } from './issues.ts';
import {
  checkBoolean,
  checkChoice,
  checkInteger,
  checkList,
  checkObject,
  checkText,
  checkUrl,
  failRequired,
} from './values.ts';

const CUSTOM_ID = { min: 1, max: 100, required: true };
const BUTTON_STYLES = [1, 2, 3, 4, 5, 6];
const LABEL_LIMIT = 80;
const LINK_LIMIT = 512;
const SELECT_TEXT_LIMIT = 100;
const PLACEHOLDER_LIMIT = 150;
const MAX_OPTIONS = 25;

export const SELECT_TYPES: readonly unknown[] = [
  ComponentType.StringSelect,
  ComponentType.UserSelect,
  ComponentType.RoleSelect,
  ComponentType.MentionableSelect,
  ComponentType.ChannelSelect,
];
const CONTROL_TYPES: readonly unknown[] = [ComponentType.Button, ...SELECT_TYPES];

export function isSelect(type: unknown): boolean {
  return SELECT_TYPES.includes(type);
}

/** A link has a URL and no custom id, a premium button a SKU alone, every other style a custom id and no URL. */
function checkButton(spot: Spot, button: Json): void {
  checkChoice(spot.at('style'), button.style, BUTTON_STYLES);
  checkText(spot.at('label'), button.label, { max: LABEL_LIMIT });
  checkBoolean(spot.at('disabled'), button.disabled);
  if (button.style === ButtonStyle.Premium) {
    if (isAbsent(button.sku_id)) failRequired(spot.at('sku_id'));
    return;
  }
  if (button.style === ButtonStyle.Link) {
    if (isAbsent(button.url)) spot.at('url').fail('BUTTON_COMPONENT_URL_REQUIRED', 'A url is required');
    else checkUrl(spot.at('url'), button.url, ['http', 'https', 'discord'], LINK_LIMIT);
    if (!isAbsent(button.custom_id))
      spot.fail('BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE', 'A custom id and url cannot both be specified');
  } else {
    if (isAbsent(button.custom_id))
      spot.at('custom_id').fail('BUTTON_COMPONENT_CUSTOM_ID_REQUIRED', 'A custom id is required');
    else checkText(spot.at('custom_id'), button.custom_id, CUSTOM_ID);
    if (!isAbsent(button.url))
      spot.fail('BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE', 'A custom id and url cannot both be specified');
  }
  if (discordLength(asText(button.label)) === 0 && isAbsent(button.emoji))
    spot.fail('BUTTON_COMPONENT_INVALID_EMOJI_OR_LABEL', 'A button must have a label or an emoji');
}

function checkSelectOptions(spot: Spot, select: Json): void {
  const options = checkList(spot, select.options, { min: 1, max: MAX_OPTIONS, required: true });
  const seen = new Set<unknown>();
  for (const [index, value] of options.entries()) {
    const option = checkObject(spot.at(index), value);
    if (!option) continue;
    const rule = { min: 1, max: SELECT_TEXT_LIMIT, required: true };
    checkText(spot.at(index).at('label'), option.label, rule);
    checkText(spot.at(index).at('value'), option.value, rule);
    checkText(spot.at(index).at('description'), option.description, { max: SELECT_TEXT_LIMIT });
    if (seen.has(option.value))
      spot
        .at(index)
        .at('value')
        .fail('SELECT_COMPONENT_OPTION_VALUE_DUPLICATED', 'The specified option value is already used');
    seen.add(option.value);
  }
  const defaults = options.filter((option) => asJson(option).default === true).length;
  const most = typeof select.max_values === 'number' ? select.max_values : 1;
  if (defaults > most)
    spot.fail(
      'SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES',
      `There are ${defaults} default values, but at most ${most} may be chosen`,
    );
}

/** Checks a select of any kind, in a message or in a modal. */
export function checkSelect(spot: Spot, select: Json): void {
  checkText(spot.at('custom_id'), select.custom_id, CUSTOM_ID);
  checkText(spot.at('placeholder'), select.placeholder, { max: PLACEHOLDER_LIMIT });
  checkBoolean(spot.at('disabled'), select.disabled);
  const least = checkInteger(spot.at('min_values'), select.min_values, 0, MAX_OPTIONS) ?? 1;
  const most = checkInteger(spot.at('max_values'), select.max_values, 1, MAX_OPTIONS) ?? 1;
  if (least > most)
    spot
      .at('min_values')
      .fail('SELECT_COMPONENT_MIN_VALUES_ABOVE_MAX', 'min_values must not be greater than max_values');
  if (select.type !== ComponentType.StringSelect) return;
  checkSelectOptions(spot.at('options'), select);
  const count = Array.isArray(select.options) ? select.options.length : 0;
  if (!isAbsent(select.max_values) && most > count)
    spot.at('max_values').fail('SELECT_COMPONENT_MAX_VALUES_TOO_HIGH', 'There are fewer options than max_values');
}

/** Checks something a person can press or choose from. */
export function checkControl(spot: Spot, component: Json): void {
  if (component.type === ComponentType.Button) checkButton(spot, component);
  else if (isSelect(component.type)) checkSelect(spot, component);
  else
    spot.at('type').fail('UNION_TYPE_CHOICES', `Value of field "type" must be one of (${CONTROL_TYPES.join(', ')}).`);
}
