import { ComponentType } from 'discord.js';
import { asJson, asText, isAbsent, isJson, type Json } from '../json.ts';
import type { ComponentRules } from './components.ts';
import { checkControl } from './controls.ts';
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

/** What may stand at the top of a Components V2 message, besides rows. */
export const LAYOUT_TYPES: readonly unknown[] = [
  ComponentType.Section,
  ComponentType.TextDisplay,
  ComponentType.MediaGallery,
  ComponentType.File,
  ComponentType.Separator,
  ComponentType.Container,
];

const TEXT_LIMIT = 4000;
const DESCRIPTION_LIMIT = 1024;
const MEDIA_SCHEMES = ['http', 'https', 'attachment'];
const MAX_CONTAINER_CHILDREN = 39;

type RowCheck = (spot: Spot, row: Json) => void;

function checkTextDisplay(spot: Spot, component: Json): void {
  checkText(spot.at('content'), component.content, { min: 1, max: TEXT_LIMIT, required: true });
}

function checkMedia(spot: Spot, value: unknown, names: ReadonlySet<string>, schemes = MEDIA_SCHEMES): void {
  if (!isJson(value) || isAbsent(value.url)) {
    failRequired(spot.at('url'));
    return;
  }
  checkUrl(spot.at('url'), value.url, schemes);
  const name = /^attachment:\/\/(.*)$/.exec(asText(value.url))?.[1];
  if (name !== undefined && !names.has(name))
    spot
      .at('url')
      .fail('UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND', `The referenced attachment was not found: ${name}`);
}

function checkSection(spot: Spot, section: Json, names: ReadonlySet<string>): void {
  const texts = checkList(spot.at('components'), section.components, { min: 1, max: 3, required: true });
  for (const [index, value] of texts.entries()) {
    const at = spot.at('components').at(index);
    const text = checkObject(at, value);
    if (text) checkChoice(at.at('type'), text.type, [ComponentType.TextDisplay]);
    if (text) checkTextDisplay(at, text);
  }
  checkAccessory(spot.at('accessory'), section.accessory, names);
}

function checkAccessory(spot: Spot, value: unknown, names: ReadonlySet<string>): void {
  const accessory = asJson(value);
  if (isAbsent(value)) failRequired(spot);
  else if (accessory.type === ComponentType.Button) checkControl(spot, accessory);
  else if (accessory.type === ComponentType.Thumbnail) {
    checkMedia(spot.at('media'), accessory.media, names);
    checkText(spot.at('description'), accessory.description, { max: DESCRIPTION_LIMIT });
  } else spot.at('type').fail('UNION_TYPE_CHOICES', 'Value of field "type" must be one of (2, 11).');
}

function checkGallery(spot: Spot, gallery: Json, names: ReadonlySet<string>): void {
  const items = checkList(spot.at('items'), gallery.items, { min: 1, max: 10, required: true });
  for (const [index, item] of items.entries()) {
    checkMedia(spot.at('items').at(index).at('media'), asJson(item).media, names);
    checkText(spot.at('items').at(index).at('description'), asJson(item).description, { max: DESCRIPTION_LIMIT });
  }
}

function checkContainer(spot: Spot, container: Json, rules: ComponentRules, checkRow: RowCheck): void {
  checkInteger(spot.at('accent_color'), container.accent_color, 0, 0xff_ff_ff);
  checkBoolean(spot.at('spoiler'), container.spoiler);
  const list = { min: 1, max: MAX_CONTAINER_CHILDREN, required: true };
  for (const [index, value] of checkList(spot.at('components'), container.components, list).entries()) {
    const at = spot.at('components').at(index);
    const child = checkObject(at, value);
    if (!child) continue;
    if (child.type === ComponentType.ActionRow) checkRow(at, child);
    else if (child.type !== ComponentType.Container && LAYOUT_TYPES.includes(child.type))
      checkLayout(at, child, rules, checkRow);
    else at.at('type').fail('UNION_TYPE_CHOICES', 'Value of field "type" must be one of (1, 9, 10, 12, 13, 14).');
  }
}

/** Checks a layout or content component of Components V2. Rows are checked by the caller's function. */
export function checkLayout(spot: Spot, component: Json, rules: ComponentRules, checkRow: RowCheck): void {
  switch (component.type) {
    case ComponentType.TextDisplay:
      checkTextDisplay(spot, component);
      break;
    case ComponentType.Section:
      checkSection(spot, component, rules.names);
      break;
    case ComponentType.MediaGallery:
      checkGallery(spot, component, rules.names);
      break;
    case ComponentType.File:
      checkMedia(spot.at('file'), component.file, rules.names, ['attachment']);
      break;
    case ComponentType.Separator:
      if (!isAbsent(component.spacing)) checkChoice(spot.at('spacing'), component.spacing, [1, 2]);
      break;
    default:
      checkContainer(spot, component, rules, checkRow);
  }
}
