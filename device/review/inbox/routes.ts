import type { App } from '../app.ts';
import type { PageParts } from '../parts.ts';
import { addCauseRoutes } from './cause-routes.ts';
import { addMeasureRoutes } from './measure-routes.ts';
import { addOwnRoutes } from './own-routes.ts';
import { addQueueRoutes } from './queue-routes.ts';
import { addReviewRoutes } from './review-routes.ts';

/** What waits to be reviewed, the reviews, the causes they name, what is done about these, and what receptionists answer. */
export function addInboxRoutes(app: App, parts: PageParts): void {
  addQueueRoutes(app, parts);
  addReviewRoutes(app, parts);
  addCauseRoutes(app, parts);
  addMeasureRoutes(app, parts);
  addOwnRoutes(app, parts);
}
