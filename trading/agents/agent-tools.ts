import type { Route } from '../../infra/http/route.ts';
import { argumentsOf, type ToolArguments } from './tool-request.ts';

/** What an agent may ask for: a route of the service under a name of its own. */
interface AgentTool {
  readonly name: string;
  /** Method and path of the route that does it. */
  readonly route: string;
  /** What a reader who knows only the tools should know besides the summary of the route. */
  readonly words?: string;
  /** Arguments of the route that an agent does not give. */
  readonly withheld?: readonly string[];
}

const ENDS_LATER = 'It answers at once with a job: look at it with get_job, and take its result with get_job_result.';

/**
 * Everything that agents may do, and nothing else: reading data, features, research and sessions, backtests, and
 * strategies on paper. No tool places an order, changes a limit, reaches real money, or knows of users and tokens.
 */
export const AGENT_TOOLS: readonly AgentTool[] = [
  { name: 'list_series', route: 'GET /api/v1/market-data', words: 'Start here to learn which symbols have bars.' },
  { name: 'get_latest_bars', route: 'GET /api/v1/market-data/:symbol' },
  { name: 'get_bars', route: 'GET /api/v1/historical/:symbol' },
  { name: 'get_coverage', route: 'GET /api/v1/data/coverage' },
  { name: 'list_findings', route: 'GET /api/v1/data/series/:series/findings' },
  { name: 'list_features', route: 'GET /api/v1/features', words: 'Every feature an experiment may name.' },
  { name: 'get_indicators', route: 'GET /api/v1/indicators/:symbol' },
  { name: 'list_experiments', route: 'GET /api/v1/experiments' },
  { name: 'get_experiment', route: 'GET /api/v1/experiments/:experiment' },
  { name: 'get_experiment_schema', route: 'GET /api/v1/experiments/schema', words: 'Units and defaults of each key.' },
  { name: 'check_experiment', route: 'POST /api/v1/experiments/check', words: 'Do this before you run one.' },
  { name: 'list_strategies', route: 'GET /api/v1/strategies' },
  { name: 'get_strategy', route: 'GET /api/v1/strategies/:strategy' },
  { name: 'list_runs', route: 'GET /api/v1/runs' },
  {
    name: 'get_run',
    route: 'GET /api/v1/runs/:run',
    words: 'Its verdict says whether there is evidence at all: tell it before any return, with how much was tried.',
  },
  { name: 'compare_runs', route: 'GET /api/v1/runs/compare' },
  { name: 'list_trades', route: 'GET /api/v1/trades' },
  { name: 'get_equity', route: 'GET /api/v1/equity' },
  { name: 'list_predictions', route: 'GET /api/v1/predictions' },
  { name: 'list_models', route: 'GET /api/v1/models' },
  { name: 'get_model', route: 'GET /api/v1/models/:model' },
  { name: 'get_model_monitoring', route: 'GET /api/v1/models/:model/monitoring' },
  { name: 'list_sessions', route: 'GET /api/v1/sessions' },
  { name: 'get_session', route: 'GET /api/v1/sessions/:session' },
  { name: 'get_account', route: 'GET /api/v1/account' },
  { name: 'list_positions', route: 'GET /api/v1/positions' },
  { name: 'list_orders', route: 'GET /api/v1/orders' },
  { name: 'list_fills', route: 'GET /api/v1/fills' },
  { name: 'list_signals', route: 'GET /api/v1/signals' },
  { name: 'list_refused_signals', route: 'GET /api/v1/signals/refused', words: 'What was refused, and why.' },
  { name: 'list_risk_limits', route: 'GET /api/v1/risk/thresholds' },
  { name: 'list_alerts', route: 'GET /api/v1/alerts' },
  { name: 'run_backtest', route: 'POST /api/v1/backtest/run', words: ENDS_LATER },
  { name: 'run_experiment', route: 'POST /api/v1/backtest/experiment', words: ENDS_LATER },
  { name: 'backtest_strategy', route: 'POST /api/v1/strategies/:strategy/backtest', words: ENDS_LATER },
  { name: 'list_jobs', route: 'GET /api/v1/jobs' },
  { name: 'get_job', route: 'GET /api/v1/jobs/:job' },
  { name: 'get_job_result', route: 'GET /api/v1/jobs/:job/result' },
  { name: 'cancel_job', route: 'POST /api/v1/jobs/:job/cancel' },
  { name: 'create_paper_strategy', route: 'POST /api/v1/strategies', words: 'Orders of it never are real money.' },
  {
    name: 'start_paper_strategy',
    route: 'POST /api/v1/strategies/:strategy/start',
    // Only a person takes back an emergency stop.
    withheld: ['consent'],
  },
  { name: 'pause_paper_strategy', route: 'POST /api/v1/strategies/:strategy/pause', withheld: ['consent'] },
  { name: 'stop_paper_strategy', route: 'POST /api/v1/strategies/:strategy/stop', withheld: ['consent'] },
];

/** A tool with its route and what it takes. */
export interface RoutedTool extends AgentTool {
  readonly does: Route;
  readonly takes: ToolArguments;
}

/** Tools with their routes among those of the service. @throws Error for a tool whose route is not there */
export function routedTools(routes: readonly Route[]): RoutedTool[] {
  const byName = new Map(routes.map((route) => [`${route.method} ${route.path}`, route]));
  return AGENT_TOOLS.map((tool) => {
    const does = byName.get(tool.route);
    if (does === undefined) throw new Error(`The tool ${tool.name} has no route ${tool.route}.`);
    return { ...tool, does, takes: argumentsOf(does, tool.withheld) };
  });
}
