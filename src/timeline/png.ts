import { fileURLToPath } from 'node:url';
import { renderAsync } from '@resvg/resvg-js';

const font = (path: string) => fileURLToPath(import.meta.resolve(`@expo-google-fonts/inter/${path}`));

/** Inter (SIL Open Font License 1.1), in the two weights that the picture uses. Nothing comes from the system. */
const FONTS = {
  loadSystemFonts: false,
  fontFiles: [font('400Regular/Inter_400Regular.ttf'), font('600SemiBold/Inter_600SemiBold.ttf')],
  defaultFontFamily: 'Inter',
};

/** Renders our own SVG as PNG at its own size, in a thread of the pool. Rejects when the SVG cannot be read. */
export async function pngOf(svg: string): Promise<Uint8Array> {
  const image = await renderAsync(svg, { font: FONTS, fitTo: { mode: 'original' } });
  return image.asPng();
}
