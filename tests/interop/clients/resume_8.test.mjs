// Stateful reconnect with version 8 of Microsoft's JavaScript client.
import { run_resume_suite } from '../resume_suite.mjs';

run_resume_suite('signalr-8', 'signalr-msgpack-8');
