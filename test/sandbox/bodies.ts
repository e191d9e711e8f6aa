/** Parts of request bodies, right as they are; `more` makes them wrong. */

export const V2 = 1 << 15;
export const long = (length: number) => 'x'.repeat(length);
export const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
export const button = (more: object = {}) => ({ type: 2, style: 1, custom_id: 'a', label: 'A', ...more });
export const row = (...components: object[]) => ({ type: 1, components });
export const select = (more: object = {}) => ({
  type: 3,
  custom_id: 's',
  options: [{ label: 'a', value: 'a' }],
  ...more,
});
export const text = (content: string) => ({ type: 10, content });
export const embed = (more: object) => ({ embeds: [{ description: 'd', ...more }] });
export const field = (more: object) => embed({ fields: [{ name: 'n', value: 'v', ...more }] });
export const withButton = (more: object) => ({ content: 'c', components: [row(button(more))] });
export const withSelect = (more: object) => ({ content: 'c', components: [row(select(more))] });
export const v2 = (...components: object[]) => ({ flags: V2, components });
