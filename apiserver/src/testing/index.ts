// certificate requests, honest and not
export { certificateRequestPem, oid, type RequestSpec, userRequestPem } from './certificate-requests.ts';
// a network that fails
export { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
export { type Ask, type AskedRequest, collectionOf, namedSample, verdictOf } from './kinds/ask.ts';
export { type KindSample, kindSamples } from './kinds/samples.ts';
export { type KindVerdict, kindVerdicts } from './kinds/verdicts.ts';
// servers
export { open, send, type TestRequest, type TestResponse } from './request.ts';
export { startTestServer, type TestServer, type TestServerOptions } from './server.ts';
export { openWatch, type TestWatch, type WatchedEvent } from './watch.ts';
export { startTestWebhook, type TestWebhook, type WebhookAnswer, type WebhookRequest } from './webhook.ts';
export { widgets } from './widgets.ts';
