import { cheatingSuite } from '../../test/cheating-suite.ts';

cheatingSuite('go', ['go']);
