import { button, embed, field, long, row, select, text, times, v2, withButton, withSelect } from './bodies.ts';

/** What is wrong, and what the error tree must say. */
export const REFUSED: readonly [string, object, string[]][] = [
  ['content of 2001', { content: long(2001) }, ['content: BASE_TYPE_MAX_LENGTH']],
  ['content that is no string', { content: 5 }, ['content: STRING_TYPE_CONVERT']],
  ['11 embeds', { embeds: times(11, () => ({ title: 't' })) }, ['embeds: BASE_TYPE_MAX_LENGTH']],
  ['title of 257', embed({ title: long(257) }), ['embeds.0.title: BASE_TYPE_MAX_LENGTH']],
  ['description of 4097', embed({ description: long(4097) }), ['embeds.0.description: BASE_TYPE_MAX_LENGTH']],
  [
    '26 fields',
    embed({ fields: times(26, () => ({ name: 'n', value: 'v' })) }),
    ['embeds.0.fields: BASE_TYPE_MAX_LENGTH'],
  ],
  ['field name of 257', field({ name: long(257) }), ['embeds.0.fields.0.name: BASE_TYPE_MAX_LENGTH']],
  ['field value of 1025', field({ value: long(1025) }), ['embeds.0.fields.0.value: BASE_TYPE_MAX_LENGTH']],
  ['empty field name', field({ name: '' }), ['embeds.0.fields.0.name: BASE_TYPE_REQUIRED']],
  ['blank field value', field({ value: ' \n ' }), ['embeds.0.fields.0.value: BASE_TYPE_REQUIRED']],
  ['no field value', field({ value: undefined }), ['embeds.0.fields.0.value: BASE_TYPE_REQUIRED']],
  ['footer of 2049', embed({ footer: { text: long(2049) } }), ['embeds.0.footer.text: BASE_TYPE_MAX_LENGTH']],
  ['author of 257', embed({ author: { name: long(257) } }), ['embeds.0.author.name: BASE_TYPE_MAX_LENGTH']],
  [
    '6001 over two embeds',
    { embeds: [{ description: long(3000) }, { description: long(3001) }] },
    ['embeds: MAX_EMBED_SIZE_EXCEEDED'],
  ],
  [
    '6001 with fields',
    embed({ fields: times(5, () => ({ name: long(176), value: long(1024) })) }),
    ['embeds: MAX_EMBED_SIZE_EXCEEDED'],
  ],
  ['an embed of nothing', { embeds: [{}] }, ['embeds.0.description: BASE_TYPE_REQUIRED']],
  ['a colour beyond 24 bits', embed({ color: 0x1_00_00_00 }), ['embeds.0.color: NUMBER_TYPE_MAX']],
  ['a negative colour', embed({ color: -1 }), ['embeds.0.color: NUMBER_TYPE_MIN']],
  ['a colour that is no number', embed({ color: '#fff' }), ['embeds.0.color: NUMBER_TYPE_COERCE']],
  ['a javascript link', embed({ url: 'javascript:alert(1)' }), ['embeds.0.url: URL_TYPE_INVALID_SCHEME']],
  ['a link without scheme', embed({ url: 'example.com' }), ['embeds.0.url: URL_TYPE_INVALID_URL']],
  [
    'an image of another scheme',
    embed({ image: { url: 'ftp://a/b.png' } }),
    ['embeds.0.image.url: URL_TYPE_INVALID_SCHEME'],
  ],
  ['a timestamp that is none', embed({ timestamp: 'yesterday' }), ['embeds.0.timestamp: DATE_TIME_TYPE_PARSE']],
  [
    '6 rows',
    { content: 'c', components: times(6, (i) => row(button({ custom_id: `${i}` }))) },
    ['components: BASE_TYPE_MAX_LENGTH'],
  ],
  [
    '6 buttons in a row',
    { content: 'c', components: [row(...times(6, (i) => button({ custom_id: `${i}` })))] },
    ['components.0.components: BASE_TYPE_BAD_LENGTH'],
  ],
  ['a row of nothing', { content: 'c', components: [row()] }, ['components.0.components: BASE_TYPE_BAD_LENGTH']],
  [
    'a select beside a button',
    { content: 'c', components: [row(button(), select())] },
    ['components.0.components: COMPONENT_LAYOUT_WIDTH_EXCEEDED'],
  ],
  [
    'custom id of 101',
    withButton({ custom_id: long(101) }),
    ['components.0.components.0.custom_id: BASE_TYPE_BAD_LENGTH'],
  ],
  ['empty custom id', withButton({ custom_id: '' }), ['components.0.components.0.custom_id: BASE_TYPE_BAD_LENGTH']],
  [
    'no custom id',
    withButton({ custom_id: undefined }),
    ['components.0.components.0.custom_id: BUTTON_COMPONENT_CUSTOM_ID_REQUIRED'],
  ],
  [
    'the same custom id twice',
    { content: 'c', components: [row(button(), button())] },
    ['components.0.components.1.custom_id: COMPONENT_CUSTOM_ID_DUPLICATED'],
  ],
  ['label of 81', withButton({ label: long(81) }), ['components.0.components.0.label: BASE_TYPE_MAX_LENGTH']],
  [
    'neither label nor emoji',
    withButton({ label: undefined }),
    ['components.0.components.0: BUTTON_COMPONENT_INVALID_EMOJI_OR_LABEL'],
  ],
  [
    'link without url',
    withButton({ style: 5, custom_id: undefined }),
    ['components.0.components.0.url: BUTTON_COMPONENT_URL_REQUIRED'],
  ],
  [
    'link with custom id',
    withButton({ style: 5, url: 'https://a.example' }),
    ['components.0.components.0: BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE'],
  ],
  [
    'link of a bad scheme',
    withButton({ style: 5, custom_id: undefined, url: 'file:///etc/passwd' }),
    ['components.0.components.0.url: URL_TYPE_INVALID_SCHEME'],
  ],
  [
    'button with url',
    withButton({ url: 'https://a.example' }),
    ['components.0.components.0: BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE'],
  ],
  ['unknown style', withButton({ style: 9 }), ['components.0.components.0.style: BASE_TYPE_CHOICES']],
  [
    'unknown component in a row',
    { content: 'c', components: [row({ type: 99 })] },
    ['components.0.components.0.type: UNION_TYPE_CHOICES'],
  ],
  ['unknown component', { content: 'c', components: [{ type: 99 }] }, ['components.0.type: UNION_TYPE_CHOICES']],
  ['a button outside a row', { content: 'c', components: [button()] }, ['components.0.type: UNION_TYPE_CHOICES']],
  [
    'a text display without the flag',
    { content: 'c', components: [text('t')] },
    ['components.0.type: UNION_TYPE_CHOICES'],
  ],
  ['no options', withSelect({ options: [] }), ['components.0.components.0.options: BASE_TYPE_BAD_LENGTH']],
  [
    '26 options',
    withSelect({ options: times(26, (i) => ({ label: 'a', value: `${i}` })) }),
    ['components.0.components.0.options: BASE_TYPE_BAD_LENGTH'],
  ],
  [
    'option label of 101',
    withSelect({ options: [{ label: long(101), value: 'v' }] }),
    ['components.0.components.0.options.0.label: BASE_TYPE_BAD_LENGTH'],
  ],
  [
    'option value of 101',
    withSelect({ options: [{ label: 'l', value: long(101) }] }),
    ['components.0.components.0.options.0.value: BASE_TYPE_BAD_LENGTH'],
  ],
  [
    'option description of 101',
    withSelect({ options: [{ label: 'l', value: 'v', description: long(101) }] }),
    ['components.0.components.0.options.0.description: BASE_TYPE_MAX_LENGTH'],
  ],
  [
    'the same option twice',
    withSelect({
      options: [
        { label: 'a', value: 'v' },
        { label: 'b', value: 'v' },
      ],
    }),
    ['components.0.components.0.options.1.value: SELECT_COMPONENT_OPTION_VALUE_DUPLICATED'],
  ],
  [
    'placeholder of 151',
    withSelect({ placeholder: long(151) }),
    ['components.0.components.0.placeholder: BASE_TYPE_MAX_LENGTH'],
  ],
  [
    'more values than options',
    withSelect({ max_values: 2 }),
    ['components.0.components.0.max_values: SELECT_COMPONENT_MAX_VALUES_TOO_HIGH'],
  ],
  [
    'attachment without its file',
    { content: 'c', attachments: [{ id: 0, filename: 'a.txt' }] },
    ['attachments.0.id: ATTACHMENT_NOT_FOUND'],
  ],
  [
    'mentions parsed and listed',
    { content: 'c', allowed_mentions: { parse: ['users'], users: ['1'] } },
    ['allowed_mentions: MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE'],
  ],
  [
    'mentions of an unknown kind',
    { content: 'c', allowed_mentions: { parse: ['all'] } },
    ['allowed_mentions.parse.0: BASE_TYPE_CHOICES'],
  ],
  ['flags that are no number', { content: 'c', flags: 'many' }, ['flags: NUMBER_TYPE_COERCE']],
  [
    'V2 with content',
    { ...v2(text('t')), content: 'c' },
    ['content: MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2'],
  ],
  [
    'V2 with embeds',
    { ...v2(text('t')), embeds: [{ title: 't' }] },
    ['embeds: MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2'],
  ],
  [
    'V2 with 41 components, nested',
    v2({ type: 17, components: times(39, () => text('t')) }, text('t')),
    ['components: COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED'],
  ],
  [
    'V2 with 4001 characters over displays',
    v2(text(long(2000)), text(long(2001))),
    ['components: COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED'],
  ],
  ['V2 with empty text', v2(text('')), ['components.0.content: BASE_TYPE_BAD_LENGTH']],
  [
    'V2 with a file that was not sent',
    v2({ type: 13, file: { url: 'attachment://a.txt' } }),
    ['components.0.file.url: UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND'],
  ],
  [
    'V2 section without accessory',
    v2({ type: 9, components: [text('t')] }),
    ['components.0.accessory: BASE_TYPE_REQUIRED'],
  ],
  [
    'V2 container in a container',
    v2({ type: 17, components: [{ type: 17, components: [text('t')] }] }),
    ['components.0.components.0.type: UNION_TYPE_CHOICES'],
  ],
];

/** At the limit, not beyond it. */
export const TAKEN: readonly [string, object][] = [
  ['content of 2000', { content: long(2000) }],
  ['content of 2000 code points', { content: '🚢'.repeat(2000) }],
  ['10 embeds', { embeds: times(10, () => ({ title: 't' })) }],
  ['6000 over two embeds', { embeds: [{ description: long(3000) }, { description: long(3000) }] }],
  ['25 fields', embed({ fields: times(25, () => ({ name: 'n', value: 'v' })) })],
  ['title of 256, author of 256', embed({ title: long(256), author: { name: long(256) }, color: 0xff_ff_ff })],
  [
    'field of 256 and 1024, footer of 2048',
    embed({ fields: [{ name: long(256), value: long(1024) }], footer: { text: long(2048) } }),
  ],
  [
    '5 rows of 5 buttons',
    {
      content: 'c',
      components: times(5, (r) => row(...times(5, (i) => button({ custom_id: `${r}:${i}`, label: long(80) })))),
    },
  ],
  ['button with an emoji alone', withButton({ label: undefined, emoji: { name: '🔁' }, custom_id: long(100) })],
  ['a link', withButton({ style: 5, custom_id: undefined, url: 'https://example.com/' })],
  ['25 options', withSelect({ options: times(25, (i) => ({ label: long(100), value: `${i}` })), max_values: 25 })],
  ['V2 with 40 components', v2({ type: 17, components: times(39, () => text('t')) })],
  ['V2 with rows', v2(text(long(4000)), row(button()))],
];
