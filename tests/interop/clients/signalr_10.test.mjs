// Version 10 of Microsoft's JavaScript client.
import { run_client_suite } from '../client_suite.mjs';

run_client_suite('signalr-10', 'signalr-msgpack-10');
