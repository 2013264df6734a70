import { REPOSITORY_ID } from './renaming.ts';
import type { Comment, Issue, Pull, RepositoryState, Review } from './repository-state.ts';

/** The resources as the REST API shows them, as far as clients read them. */
export const userJson = (login: string) => ({
  login,
  id: login.length,
  type: login.endsWith('[bot]') ? 'Bot' : 'User',
});

export const repositoryJson = (state: RepositoryState, url: string) => ({
  id: REPOSITORY_ID,
  name: state.name,
  full_name: `${state.owner}/${state.name}`,
  owner: userJson(state.owner),
  private: false,
  default_branch: state.defaultBranch,
  html_url: `${url}/${state.owner}/${state.name}`,
  archived: state.archived,
  permissions: { admin: false, maintain: false, push: true, triage: true, pull: true },
});

/** As in a list, which lacks what has to be computed. */
export const listedPullJson = (state: RepositoryState, pull: Pull, url: string) => {
  const side = (ref: string, sha: string) => ({
    ref,
    sha,
    label: `${state.owner}:${ref}`,
    user: userJson(state.owner),
    repo: repositoryJson(state, url),
  });
  return {
    id: 1_000 + pull.number,
    number: pull.number,
    state: pull.state,
    title: pull.title,
    body: pull.body,
    draft: pull.draft,
    user: userJson(pull.by),
    html_url: `${url}/${state.owner}/${state.name}/pull/${pull.number}`,
    head: side(pull.head, pull.headSha),
    base: side(pull.base, pull.baseSha),
    labels: pull.labels.map((name, index) => ({ id: index, name, color: 'ededed' })),
    requested_reviewers: pull.reviewers.map(userJson),
    merged_at: pull.mergedAt,
    closed_at: pull.closedAt,
    merge_commit_sha: pull.mergeCommitSha,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
  };
};

export const pullJson = (state: RepositoryState, pull: Pull, url: string) => ({
  ...listedPullJson(state, pull, url),
  merged: pull.mergedAt !== null,
  mergeable: pull.state === 'open' ? !pull.conflicts : null,
  mergeable_state: pull.conflicts ? 'dirty' : 'clean',
});

export const issueJson = (state: RepositoryState, issue: Issue, url: string) => ({
  id: 2_000 + issue.number,
  number: issue.number,
  state: issue.state,
  title: issue.title,
  body: issue.body,
  user: userJson(issue.by),
  labels: [],
  html_url: `${url}/${state.owner}/${state.name}/issues/${issue.number}`,
  created_at: issue.createdAt,
  updated_at: issue.updatedAt,
});

export const commentJson = (state: RepositoryState, comment: Comment, url: string) => ({
  id: comment.id,
  body: comment.body,
  user: userJson(comment.by),
  html_url: `${url}/${state.owner}/${state.name}/pull/${comment.number}#issuecomment-${comment.id}`,
  created_at: comment.createdAt,
  updated_at: comment.createdAt,
  author_association: comment.by === state.owner ? 'OWNER' : 'CONTRIBUTOR',
});

export const reviewJson = (state: RepositoryState, review: Review, url: string) => ({
  id: review.id,
  body: review.body,
  user: userJson(review.by),
  html_url: `${url}/${state.owner}/${state.name}/pull/${review.number}#pullrequestreview-${review.id}`,
  author_association: review.by === state.owner ? 'OWNER' : 'CONTRIBUTOR',
  state: review.state,
  submitted_at: review.createdAt,
});

/** The errors of the REST API. */
export const errorJson = (status: number, message: string, errors?: readonly object[]) => ({
  message,
  ...(errors ? { errors } : {}),
  documentation_url: 'https://docs.github.com/rest',
  status: String(status),
});
