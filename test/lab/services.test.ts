import { SERVICES } from './services/index.ts';
import { testServices } from './services/looking.ts';

testServices(SERVICES, 'usual');
