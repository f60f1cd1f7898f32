import { standIn } from './stand-in.ts';

standIn((port) => ({
  port,
  url: `http://localhost:${port}`,
  rpcUrl: `http://127.0.0.1:${port}/durabletask/`,
}));
