import deKnowledge from './de/knowledge.json' with { type: 'json' };
import deReplies from './de/replies.json' with { type: 'json' };
import esKnowledge from './es/knowledge.json' with { type: 'json' };
import esReplies from './es/replies.json' with { type: 'json' };
import frKnowledge from './fr/knowledge.json' with { type: 'json' };
import frReplies from './fr/replies.json' with { type: 'json' };
import { type Catalogue, createLanguages, type Languages } from './index.ts';
import jaKnowledge from './ja/knowledge.json' with { type: 'json' };
import jaReplies from './ja/replies.json' with { type: 'json' };
import ptKnowledge from './pt-BR/knowledge.json' with { type: 'json' };
import ptReplies from './pt-BR/replies.json' with { type: 'json' };

/** Types hold that nothing is missing; a test, that nothing is unused. */
export const CATALOGUES: Readonly<Record<'de' | 'fr' | 'es' | 'pt-BR' | 'ja', Catalogue>> = {
  de: { ...deKnowledge, ...deReplies },
  fr: { ...frKnowledge, ...frReplies },
  es: { ...esKnowledge, ...esReplies },
  'pt-BR': { ...ptKnowledge, ...ptReplies },
  ja: { ...jaKnowledge, ...jaReplies },
};

/** The languages that the bot speaks. */
export const LANGUAGES: Languages = createLanguages(CATALOGUES);
