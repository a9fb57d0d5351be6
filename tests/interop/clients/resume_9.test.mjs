// Stateful reconnect with version 9 of Microsoft's JavaScript client.
import { run_resume_suite } from '../resume_suite.mjs';

run_resume_suite('signalr-9', 'signalr-msgpack-9');
