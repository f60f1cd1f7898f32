import { standIn } from './stand-in.ts';

standIn((port) => ({
  port,
  connectionString: `Endpoint=sb://127.0.0.1:${port};SharedAccessKeyName=k;SharedAccessKey=secret-key;UseDevelopmentEmulator=true`,
}));
