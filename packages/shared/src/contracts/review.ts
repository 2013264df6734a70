import { z } from 'zod';

/** What one person or check said about a published change. */
export const ReviewItem = z.object({
  source: z.enum(['review', 'line', 'comment', 'check']),
  author: z.string(),
  path: z.string().nullable(),
  line: z.number().int().nullable(),
  body: z.string(),
});
export type ReviewItem = z.infer<typeof ReviewItem>;

/** Artifact `review` of the round that it begins: why a published change goes back to the coder. */
export const Review = z.object({ items: z.array(ReviewItem).min(1) });
export type Review = z.infer<typeof Review>;
