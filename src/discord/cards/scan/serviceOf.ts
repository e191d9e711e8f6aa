export { usualService as serviceOf } from '../../../advice/usualService.ts';
