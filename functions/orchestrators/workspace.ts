import { registerOrchestrator } from './register.ts';
import { Orchestrator } from '../contracts/names.ts';
import { workspaceLifecycle } from './workspace-lifecycle.ts';

registerOrchestrator(Orchestrator.workspace, workspaceLifecycle);
