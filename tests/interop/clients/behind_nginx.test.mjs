// Version 10 of Microsoft's JavaScript client, and bare sockets, behind nginx.
import { run_proxy_suite } from '../proxy_suite.mjs';

run_proxy_suite('nginx');
