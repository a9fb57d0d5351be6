// Microsoft's .NET client against the conformance server: the suites of all ways side by side, each with a server of its
// own. Arguments are parts of names of the cases to run. Exit status 0: no case failed, and at least one passed.
using System.Reflection;
using Hubbub.Interop;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;

const int wholeRunSeconds = 300;
var version = typeof(HubConnection).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
var major = int.Parse(version.Split('.')[0]);

var ways = Enum.GetValues<Protocol>().SelectMany(protocol => new Way[]
{
    new(HttpTransportType.WebSockets, protocol),
    new(HttpTransportType.ServerSentEvents, protocol),
    new(HttpTransportType.LongPolling, protocol),
    new(HttpTransportType.WebSockets, protocol, SkipNegotiation: true),
});

AppDomain.CurrentDomain.ProcessExit += (_, _) => Server.KillAll();
var report = new Report(Console.Out);
report.Begin($"Microsoft.AspNetCore.SignalR.Client {version}");
try
{
    await Waiting.Within("the whole run", Task.WhenAll(ways.Select(way => new Suite(major, way, report).Run(args))), wholeRunSeconds);
}
catch (Exception why)
{
    report.Failed("the run ends", why);
}
report.End();
return report.AllWell ? 0 : 1;
