/** npm run bench:budget -- --json; the program is beside the test database that it needs. */
import '../packages/testkit/src/budget-bench.ts';
