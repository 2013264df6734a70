/**
 * What `work` gives, unless it takes longer than `ms`: then what `late` gives or throws. The work is not broken off; what
 * becomes of it is not heard any more.
 */
export async function within<T>(ms: number, work: () => Promise<T>, late: () => T): Promise<T> {
  const passed = Promise.withResolvers<T>();
  const timer = setTimeout(() => {
    try {
      passed.resolve(late());
    } catch (error) {
      passed.reject(error);
    }
  }, ms);
  try {
    return await Promise.race([work(), passed.promise]);
  } finally {
    clearTimeout(timer);
  }
}
