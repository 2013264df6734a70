import type { AttackCase } from '../attack-case.ts';

const PLACES = [
  '$HOME/.bashrc',
  '$HOME/.profile',
  '$HOME/.npmrc',
  '/tmp/left',
  '/dev/shm/left',
  '/$B/cache/left',
  '/$B/reports/left',
  '/$B/work/left',
  '/var/tmp/left',
];

export default [
  {
    row: 21,
    name: 'leaves something for the next job in every place that it may write',
    async run({ harness, record }) {
      const first = await harness.validate({
        'attack.sh': `B=box; for place in ${PLACES.map((place) => `"${place}"`).join(' ')}; do echo 'echo ESCAPED: state' > "$place"; done 2>/dev/null; echo planted\n`,
      });
      const second = await harness.validate({
        'attack.sh': `B=box; for place in ${PLACES.map((place) => `"${place}"`).join(' ')}; do if [ -e "$place" ]; then echo "ESCAPED: $place"; fi; done; bash -lc true; bash -ic true </dev/null; echo looked\n`,
      });
      record(first);
      record(second);
      const text = JSON.stringify(second);
      return [
        ...(JSON.stringify(first).includes('planted') ? [] : ['nothing was planted']),
        ...(text.includes('looked') ? [] : ['nothing looked']),
        ...(text.match(/ESCAPED: [^"\\]*/g) ?? []),
      ];
    },
  },
] satisfies AttackCase[];
