import { cheatingSuite } from '../../test/cheating-suite.ts';

cheatingSuite('pytest', ['python3']);
