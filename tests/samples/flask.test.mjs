import { promises } from './room.mjs';

promises('flask');
