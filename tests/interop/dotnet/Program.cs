// Microsoft's .NET client against the conformance server: the suites of all ways side by side, each with a server of its
// own. Arguments are parts of names of the cases to run. Exit status 0: no case failed, and at least one passed.
using System.Reflection;
using Hubbub.Interop;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;

const int wholeRunSeconds = 300;
Way[] ways =
[
    new("WebSockets", HttpTransportType.WebSockets),
    new("ServerSentEvents", HttpTransportType.ServerSentEvents),
    new("LongPolling", HttpTransportType.LongPolling),
    new("WebSockets without negotiation", HttpTransportType.WebSockets, SkipNegotiation: true),
];

AppDomain.CurrentDomain.ProcessExit += (_, _) => Server.KillAll();
var report = new Report(Console.Out);
var version = typeof(HubConnection).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];
report.Begin($"Microsoft.AspNetCore.SignalR.Client {version}");
try
{
    await Waiting.Within("the whole run", Task.WhenAll(ways.Select(way => new Suite(way, report).Run(args))), wholeRunSeconds);
}
catch (Exception why)
{
    report.Failed("the run ends", why);
}
report.End();
return report.AllWell ? 0 : 1;
