// Stateful reconnect with version 10 of Microsoft's JavaScript client.
import { run_resume_suite } from '../resume_suite.mjs';

run_resume_suite('signalr-10', 'signalr-msgpack-10');
