// Stateful reconnect over TLS with version 10 of Microsoft's JavaScript client, which verifies the server's certificate.
import { trusted_certificate } from '../support/trusting.mjs';

const tls = trusted_certificate(import.meta.url);
if (tls) {
  const { run_resume_suite } = await import('../resume_suite.mjs');
  run_resume_suite('signalr-10', 'signalr-msgpack-10', { tls });
}
