console.error('the configuration names no queue');
process.exit(3);
