/** What a secret of a repository is shown as. The guard refuses to write it into a file. */
export const SECRET_MASK = '[masked secret]';
