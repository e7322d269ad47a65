import { promises } from './room.mjs';

promises('php');
