import de from './de.json' with { type: 'json' };
import es from './es.json' with { type: 'json' };
import fr from './fr.json' with { type: 'json' };
import { createLanguages, type Languages } from './index.ts';
import ja from './ja.json' with { type: 'json' };
import ptBR from './pt-BR.json' with { type: 'json' };

/** The languages that the bot speaks. */
export const LANGUAGES: Languages = createLanguages({ de, fr, es, 'pt-BR': ptBR, ja });
