// Version 9 of Microsoft's JavaScript client.
import { run_client_suite } from '../client_suite.mjs';

run_client_suite('signalr-9', 'signalr-msgpack-9');
