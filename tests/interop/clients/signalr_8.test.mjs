// Version 8 of Microsoft's JavaScript client.
import { run_client_suite } from '../client_suite.mjs';

run_client_suite('signalr-8', 'signalr-msgpack-8');
