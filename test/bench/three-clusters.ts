/** The Azure simulator with two clusters more: AKS allows 100 agent pools in one. Run in the place of its own program. */
process.argv.push('--cluster', 'second', '--cluster', 'third');
await import('../../infra/local/azure/main.ts');
