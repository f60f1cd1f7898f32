/** Where the model server listens. */
export const servingPort = 5000;
/** Where vLLM listens on pods of the decode role, behind a routing sidecar on 5000. */
export const decodePort = 5001;
/** vLLM's stream of KV cache events. */
export const keyValueEventsPort = 5557;
/** Ray's own port, between the nodes of one model. */
export const rayPort = 6379;
