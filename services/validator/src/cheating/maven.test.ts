import { cheatingSuite } from '../../test/cheating-suite.ts';

cheatingSuite('maven', ['java', 'mvn']);
