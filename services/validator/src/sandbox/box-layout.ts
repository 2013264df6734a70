/** Paths inside the box. They are the same for every run, so that messages and caches do not depend on the machine. */
export const BOX = {
  work: '/box/work',
  cache: '/box/cache',
  reports: '/box/reports',
  kit: '/box/kit',
  home: '/box/home',
} as const;
