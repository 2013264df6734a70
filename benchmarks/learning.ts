import '../packages/demo/src/learning/main.ts';
