import { serveThread } from '../../../infra/threads/thread-service.ts';
import { huntedAnswers, type HuntedAnswers, type HuntRequest } from './hunt-strategy.ts';

// The hunts ask a user's strategy without a deadline: this thread is ended where one does not come to its end.
serveThread<HuntRequest, HuntedAnswers>(async (request, send) => send(await huntedAnswers(request), []));
