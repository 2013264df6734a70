import { cheatingSuite } from '../../test/cheating-suite.ts';

cheatingSuite('node', ['node', 'npm']);
