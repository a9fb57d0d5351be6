// A server on ASP.NET Core with the hub and the settings of docs/spec/conformance-hub.md, as far as the scripts of
// frames/ use them: hubs at /test and /bench, both hub protocols. Listens on 127.0.0.1 at HUBBUB_PORT.
using System.Net;
using System.Reflection;
using Hubbub.Reference;
using Microsoft.AspNetCore.SignalR;

var port = int.Parse(Environment.GetEnvironmentVariable("HUBBUB_PORT") ?? "9200");
var builder = WebApplication.CreateBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
builder.Services.AddAuthorization();
builder.Services.AddSingleton<IUserIdProvider, UserOfTheQuery>();
builder.Services.AddSignalR(hub =>
{
    hub.MaximumReceiveMessageSize = 2 * 1024 * 1024;
    hub.HandshakeTimeout = TimeSpan.FromSeconds(5);
    hub.KeepAliveInterval = TimeSpan.FromSeconds(5);
    hub.ClientTimeoutInterval = TimeSpan.FromSeconds(20);
    hub.MaximumParallelInvocationsPerClient = 1;
}).AddMessagePackProtocol();

var app = builder.Build();
app.UseAuthorization();
app.MapHub<TestHub>("/test");
app.MapHub<BenchHub>("/bench");
var version = typeof(Hub).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
Console.WriteLine($"ASP.NET Core {version.Split('+')[0]}");
app.Run();
